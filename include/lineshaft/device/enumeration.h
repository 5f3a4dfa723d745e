// What devices there are, and which of them a selection names.
#pragma once

#include <string_view>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/device/device.h"

namespace lineshaft {

struct Enumeration {
  std::vector<DeviceProperties> devices;  // best first, one entry a physical device
  std::vector<Finding> findings;
};

// All devices that there are, whatever is selected; but no server is asked where the selection names devices of this
// machine only. Each backend is asked once.
LINESHAFT_EXPORT Enumeration enumerate_devices(std::string_view selection = {});

// Whether the selection takes devices of the backend: it names one, or is empty.
LINESHAFT_EXPORT bool takes_backend(std::string_view selection, std::string_view backend);

// Those of `all` that `selection` names, in its order. Empty: all. Throws Error(kInvalidArgument) for a name that is
// not there, listing what is. `named_by` is what the user wrote the selection to, for that text.
LINESHAFT_EXPORT std::vector<DeviceProperties> select_devices(const std::vector<DeviceProperties>& all,
                                                              std::string_view selection,
                                                              std::string_view named_by = "LINESHAFT_DEVICES");

// The devices of the machine that `selection` names, and what was found on the way. No server is asked where the
// selection names devices of this machine only. Throws, in one line, where what the user named cannot be had
// (Severity::kError), as a server that does not answer: no other device takes its place.
LINESHAFT_EXPORT Enumeration find_devices(std::string_view selection, std::string_view named_by = "LINESHAFT_DEVICES");

// The same of this machine's own devices, for who lends them: no server is asked, whatever LINESHAFT_SERVER says.
LINESHAFT_EXPORT Enumeration find_own_devices(std::string_view selection,
                                              std::string_view named_by = "LINESHAFT_DEVICES");

// Backends that found a Severity::kError are asked anew from now on.
LINESHAFT_EXPORT void forget_errors();

}  // namespace lineshaft
