// This process, its threads, and programs that it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

int64_t process_id();
std::string program_name();  // the name of this process in the system's list; "" where it is not known
// A path by which this program can be started again, even after its file was replaced.
LINESHAFT_COMMAND_EXPORT std::string this_program();
LINESHAFT_COMMAND_EXPORT std::string user_id();  // "1000": the user of this process
LINESHAFT_COMMAND_EXPORT bool is_superuser();    // whether that user is root

// Calls `function` in every child that this process forks from now on, before fork() returns in the child. The function
// may only do what a signal handler may. Does nothing where the system has no fork.
void at_fork_in_child(void (*function)());

// Whether a thread of this process other than the calling thread is running or ready to run. False where the system
// does not tell.
bool other_threads_run();

enum class Trial {
  kSurvived,
  kCrashed,
  kHung,     // it was killed at the time limit
  kUnknown,  // no child could be created, or other code in this process has waited for it
};
// Runs `function` in a forked copy of this process, which then ends without running exit handlers. A crash or hang
// there does not affect this process.
Trial try_in_child(const std::function<void()>& function, std::chrono::milliseconds limit);

// Runs a program and returns what it writes to its standard output; its standard error is discarded. `words` are its
// name, which is searched for in PATH, and its arguments. "" where it cannot be started.
LINESHAFT_COMMAND_EXPORT std::string output_of(const std::vector<std::string>& words);

// Replaces this process by the program (exec). Throws Error(kInvalidArgument) where it cannot be started.
[[noreturn]] LINESHAFT_COMMAND_EXPORT void become_program(const std::vector<std::string>& words);

}  // namespace lineshaft
