// The machine's monotonic clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace lineshaft {

// In nanoseconds, from a point that all processes of the machine share.
inline int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace lineshaft
