// Whether the thread runs a stream's lists in place of the stream's own thread.
#pragma once

#include "lineshaft/base/export.h"

namespace lineshaft {

// While one lives, this thread does. Such lists are short, or there is one core only: kernels need no other threads.
// Where they have some nevertheless, OpenMP keeps a pool for each thread that asks, and none of them stays awake long.
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
