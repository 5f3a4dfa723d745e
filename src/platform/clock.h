// The machine's monotonic clock, and the time of day.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/command_export.h"

namespace lineshaft {

// In nanoseconds, from a point that all processes of the machine share.
inline int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

// "14:03:59", where the machine is.
LINESHAFT_COMMAND_EXPORT std::string time_of_day();

}  // namespace lineshaft
