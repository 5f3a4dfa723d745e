// Waiting without sleeping, for events that are expected soon. Waking a sleeping thread would take about as long as the
// wait here lasts.
#pragma once

#include <chrono>

#include "platform/environment.h"

namespace lineshaft {

// Polls ready() for at most 20 microseconds, and returns its last result. With only one core it polls once. It does not
// yield the processor: on a busy machine that would cost a time slice of milliseconds.
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
