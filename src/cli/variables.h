// The environment's variables, as `lineshaft devices` and `lineshaft doctor` look at them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lineshaft/device/device.h"

namespace lineshaft::cli {

// The names of all that Lineshaft reads.
std::vector<std::string_view> variable_names();

// Those that are set to what serves for nothing: of Severity::kError where programs fail by it, kWarning where they go
// on. What backends read they say themselves, as findings of their own.
std::vector<Finding> wrong_variables();

// Those of Lineshaft's prefix that nothing reads, such as a name with a slip in it.
std::vector<Finding> unknown_variables();

// Where LINESHAFT_DEVICES names devices of this machine only: that the server at `address` is not asked.
std::optional<std::string> not_asked(std::string_view address);

}  // namespace lineshaft::cli
