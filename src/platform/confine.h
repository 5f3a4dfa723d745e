// Functions by which a worker process gives up rights, in steps: at its start, before it reads any byte of its guest,
// and after its device is open. See sandbox.h for the system calls that it may still make.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lineshaft {

// Programs that this process runs cannot gain rights that the process does not have.
void forbid_new_privileges() noexcept;
// The process writes no core dump when it crashes.
void forbid_core_dumps() noexcept;

// Changes to `user` if one is named (then the process must be root), and gives up all capabilities for good. Throws
// Error where that fails.
void drop_privileges(const std::string& user);

// Limits the process's memory to its current size and `more` bytes, limits its number of descriptors, and hides it from
// other processes of its user.
void limit_resources(int64_t more);

// From now on this thread, and threads that it starts, can read only the folders of libraries, drivers and the system,
// and the files of `also`, and can write only to devices and to the folders of compiled kernels. False where the kernel
// has no Landlock.
bool confine_files(const std::vector<std::string>& also = {});

}  // namespace lineshaft
