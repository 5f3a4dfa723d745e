// Whether the calling thread runs a stream's lists in place of the stream's own thread.
#pragma once

#include "lineshaft/base/export.h"

namespace lineshaft {

// While an object lives, its thread does that. Such lists are short, or there is only one core, so kernels need no
// other threads. If they use OpenMP nevertheless, it keeps a pool of threads for each calling thread; these do not stay
// awake long.
class LINESHAFT_EXPORT Helping {
 public:
  Helping() { now() = true; }
  ~Helping() { now() = false; }
  Helping(const Helping&) = delete;
  Helping& operator=(const Helping&) = delete;

  static bool& now() {
    static thread_local bool helping = false;
    return helping;
  }
};

}  // namespace lineshaft
