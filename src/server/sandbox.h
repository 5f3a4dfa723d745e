// Takes from the process what serving a guest on an open device does not need, for good: new privileges, programs,
// sockets, other processes.
#pragma once

namespace lineshaft {

// Throws Error(kUnsupported) where the kernel refuses. Threads that run already are covered too.
void enter_sandbox();

}  // namespace lineshaft
