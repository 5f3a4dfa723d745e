// The devices that this process uses, in order: `lineshaft:0` is the first. LINESHAFT_DEVICES chooses and orders
// ("vulkan:0,cpu"; a bare "vulkan" means all of that backend's); without it, best first: discrete GPUs, integrated
// ones, virtual ones, the CPU, software Vulkan.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/device/enumeration.h"

namespace lineshaft {

// An opened device with its stream. Opened at first use, closed at process end or by close_all.
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

// The devices selected by LINESHAFT_DEVICES: find_devices() of it. Looked for once; an error is kept, and every later
// call throws it. Thread-safe.
LINESHAFT_EXPORT const std::vector<DeviceProperties>& selected_devices();
// Looks anew if selected_devices() throws; nothing otherwise. Throws what it throws then.
LINESHAFT_EXPORT void find_selected_devices_again();
// Opens the device at its first use. The first of all says the findings of Severity::kWarning on the standard error.
LINESHAFT_EXPORT OpenDevice& open_device(int index);
// Opens a device anew after it was lost, such as when its server was started again. Buffers of the stream that it had
// are gone: naming one is an error there and never another's. The old stream stays until close_all_devices, so that
// what holds it can still release. Throws Error and changes nothing where the device cannot be opened.
LINESHAFT_EXPORT OpenDevice& reopen_device(int index);
// Opens a device outside the selection, by its id ("vulkan:0"), for tools and tests. The caller owns it.
LINESHAFT_EXPORT std::unique_ptr<OpenDevice> open_device(std::string_view id, StreamOptions options);
// Waits for all open devices and closes them. Open ones are invalid afterwards. Called before the process ends.
LINESHAFT_EXPORT void close_all_devices() noexcept;

}  // namespace lineshaft
