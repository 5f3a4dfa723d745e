// What a worker process gives up, in steps: at its start, before it reads a byte of its guest's, and once its device is
// open. See sandbox.h for the system calls that it keeps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lineshaft {

// No program that this process runs gains rights that it lacks itself.
void forbid_new_privileges() noexcept;
// What is in its memory is not written to a file when it crashes.
void forbid_core_dumps() noexcept;

// Becomes `user` if one is named (the server is root then), and gives up every capability and the way back to any.
// Throws Error where that fails.
void drop_privileges(const std::string& user);

// Bounds the process's memory to what it has now and `more` bytes, and its descriptors, and hides it from other
// processes of its user.
void limit_resources(int64_t more);

// From now on this thread, and those that it starts, open files where libraries, drivers and the system's own lie, and
// write to devices and to the folders where compiled kernels are kept, and read the files of `also`; nothing else.
// False where the kernel has no Landlock.
bool confine_files(const std::vector<std::string>& also = {});

}  // namespace lineshaft
