// A filter of system calls for worker processes. Once its device is open, a worker may compute, wait, and communicate
// over open descriptors. Any other system call ends it, and its number is sent over its control socket.
#pragma once

#include <optional>
#include <string>

#include "base/command_export.h"

namespace lineshaft {

// Installs a first filter, before any byte of the guest is read: creating sockets or namespaces, running programs and
// accessing other processes fail with EPERM. What is needed to open a device and for a handshake remains allowed.
// Throws Error(kUnsupported) where the kernel refuses.
void enter_early_sandbox();

// Installs the final filter for all threads. It cannot be removed. A forbidden system call sends a packet over the
// socket `control`, which is the byte `note` and the call's number as text, and ends the process. Throws
// Error(kUnsupported) where the kernel refuses.
void enter_sandbox(int control, char note);

// Tries enter_sandbox() in a child process. Returns the reason why it does not work, or nothing where it works. The
// process must have only one thread.
LINESHAFT_COMMAND_EXPORT std::optional<std::string> sandbox_problem();

// The name of a system call: "openat", or "number 437" for an unknown number.
std::string system_call_name(int number);

}  // namespace lineshaft
