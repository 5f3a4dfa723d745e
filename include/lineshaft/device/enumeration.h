// Which devices exist, and which of them a selection names. A selection is a list of ids and backends, such as
// "vulkan:0,cpu"; an empty selection names all devices. Any thread may call the functions.
#pragma once

#include <string_view>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/device/device.h"

namespace lineshaft {

struct Enumeration {
  std::vector<DeviceProperties> devices;  // best first
  std::vector<Finding> findings;
};

// All devices that exist, also those that `selection` does not name. No server is asked where the selection names only
// devices of this machine. Each backend is asked once in the life of the process (but see forget_errors).
LINESHAFT_EXPORT Enumeration enumerate_devices(std::string_view selection = {});

// Whether the selection includes devices of the backend: it names one of them, or is empty.
LINESHAFT_EXPORT bool takes_backend(std::string_view selection, std::string_view backend);

// The devices of `all` that `selection` names, in the order of the selection; all of them where it is empty. Throws
// Error(kInvalidArgument) for a name that no device has, with a list of those that exist, and for a device that is
// named twice. `named_by` is the name of the variable or option that holds the selection, for the text of the error.
LINESHAFT_EXPORT std::vector<DeviceProperties> select_devices(const std::vector<DeviceProperties>& all,
                                                              std::string_view selection,
                                                              std::string_view named_by = "LINESHAFT_DEVICES");

// The devices that `selection` names, and all findings. No server is asked where the selection names only devices of
// this machine. Throws Error, with one line of text, where something that the user named is not usable
// (Severity::kError), such as a server that does not answer: no other device takes its place.
LINESHAFT_EXPORT Enumeration find_devices(std::string_view selection, std::string_view named_by = "LINESHAFT_DEVICES");

// The same for this machine's own devices only, for a server that lends them: no other server is asked, whatever
// LINESHAFT_SERVER says.
LINESHAFT_EXPORT Enumeration find_own_devices(std::string_view selection,
                                              std::string_view named_by = "LINESHAFT_DEVICES");

// Backends with a finding of Severity::kError are asked again by the next call of the functions above.
LINESHAFT_EXPORT void forget_errors();

}  // namespace lineshaft
