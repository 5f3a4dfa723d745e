// The devices that this process uses, in order: `lineshaft:0` is the first. LINESHAFT_DEVICES chooses and orders them
// ("vulkan:0,cpu"; "vulkan" alone means all devices of that backend). Without it, the order is: discrete GPUs,
// integrated GPUs, virtual GPUs, the CPU, software Vulkan. Any thread may call the functions.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/device/enumeration.h"

namespace lineshaft {

// An opened device with its stream, both of which it owns.
class LINESHAFT_EXPORT OpenDevice {
 public:
  OpenDevice(const DeviceProperties& properties, std::unique_ptr<Device> device, StreamOptions options);
  const DeviceProperties& properties() const { return properties_; }
  Device& device() { return *device_; }
  Stream& stream() { return *stream_; }

 private:
  DeviceProperties properties_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Stream> stream_;
};

// The devices that LINESHAFT_DEVICES selects, by find_devices(). They are searched for once; if that throws, every
// later call throws the same error.
LINESHAFT_EXPORT const std::vector<DeviceProperties>& selected_devices();
// Searches again if selected_devices() threw an error; otherwise does nothing. Throws where the search fails again.
LINESHAFT_EXPORT void find_selected_devices_again();
// The device of this number, which is opened at its first use. The registry owns it until close_all_devices(). The
// first call that opens a device prints the findings of Severity::kWarning on the standard error. Throws
// Error(kInvalidArgument) for a number that no device has, and what opening the device throws.
LINESHAFT_EXPORT OpenDevice& open_device(int index);
// Opens a device again after it was lost, for example when its server was restarted. The buffers of its old stream are
// lost; the new stream refuses their names and never takes one for a buffer of its own. The old stream exists until
// close_all_devices(), so that code that holds it can still release buffers. Throws Error and changes nothing where the
// device cannot be opened.
LINESHAFT_EXPORT OpenDevice& reopen_device(int index);
// Opens a device outside the selection, by its id ("vulkan:0"), for tools and tests. The caller owns it.
LINESHAFT_EXPORT std::unique_ptr<OpenDevice> open_device(std::string_view id, StreamOptions options);
// Waits for all open devices and closes them. References to them are invalid afterwards. Call it before the process
// ends.
LINESHAFT_EXPORT void close_all_devices() noexcept;

}  // namespace lineshaft
