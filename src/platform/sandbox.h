// What a worker process may still do once its device is open: compute, wait, and talk over what it has open. Everything
// else ends it, and whoever holds the other end of its control socket is told the system call.
#pragma once

#include <optional>
#include <string>

#include "base/command_export.h"

namespace lineshaft {

// Before a byte of the guest's is read: no new sockets, programs or name spaces, no look at other processes; such calls
// fail with EPERM. What opening a device and a handshake take is left. Throws Error(kUnsupported) where the kernel
// refuses.
void enter_early_sandbox();

// Installs the filter, for all threads and for good. A system call outside it sends a packet over the socket `control`,
// the byte `note` and the call's number as text, and ends the process. Throws Error(kUnsupported) where the kernel
// refuses.
void enter_sandbox(int control, char note);

// Tries enter_sandbox() in a child process; what keeps it from working, nothing where it works. For a process of one
// thread.
LINESHAFT_COMMAND_EXPORT std::optional<std::string> sandbox_problem();

// "openat", or "number 437" where there is no such call.
std::string system_call_name(int number);

}  // namespace lineshaft
