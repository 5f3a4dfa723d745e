// What a worker may still do once its device is open: compute, wait, and talk over what it has open. Everything else
// ends it, with the name of the system call in the server's log.
#pragma once

#include <string>
#include <vector>

namespace lineshaft {

// Before a byte of the guest's is read: no new sockets, programs or name spaces, no look at other processes; such calls
// fail with EPERM. What opening a device and a handshake take is left. Throws Error(kUnsupported) where the kernel
// refuses.
void enter_early_sandbox();

// Installs the filter, for all threads and for good. A system call outside it writes a WorkerNote::kForbidden packet
// with its number to the descriptor `control` and ends the process. Throws Error(kUnsupported) where the kernel
// refuses.
void enter_sandbox(int control);

// "openat", or "number 437" where there is no such call.
std::string system_call_name(int number);

}  // namespace lineshaft
