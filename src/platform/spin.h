// Waiting without sleeping, for what comes soon: waking a thread takes as long as the look here lasts.
#pragma once

#include <chrono>

#include "platform/environment.h"

namespace lineshaft {

// Looks until `ready()`, for 20 microseconds at most; says whether it is. Gives up at once where there is one core
// only. It does not yield: on a busy machine that would cost a time slice, of milliseconds.
template <class F>
bool spin(F&& ready) {
  static const bool alone = usable_cores() == 1;
  if (ready()) return true;
  if (alone) return false;
  auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(20);
  do {
    for (int i = 0; i < 32; ++i)
      if (ready()) return true;
  } while (std::chrono::steady_clock::now() < until);
  return ready();
}

}  // namespace lineshaft
