// Processes: this one with its threads, and those that it starts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

int64_t process_id();
std::string program_name();  // of this process, as the system lists it; "" where it does not tell
// A path that starts this program again, even after its file was replaced.
LINESHAFT_COMMAND_EXPORT std::string this_program();
LINESHAFT_COMMAND_EXPORT std::string user_id();  // "1000": whom this process runs as
LINESHAFT_COMMAND_EXPORT bool is_superuser();    // to whom the system refuses nothing

// Calls `function` in every child that this process forks from now on, before fork() returns there. It may do what a
// signal handler may. Nothing where the system has no fork.
void at_fork_in_child(void (*function)());

// Whether a thread of this process other than the calling one runs or could run now. False where the system does not
// tell.
bool other_threads_run();

enum class Trial {
  kSurvived,
  kCrashed,
  kHung,     // was ended at the limit
  kUnknown,  // no child could be made, or its end was told to somebody else here
};
// Runs `function` in a copy of this process, which then ends without its exit handlers: what crashes or hangs there
// harms nobody here.
Trial try_in_child(const std::function<void()>& function, std::chrono::milliseconds limit);

// What the program writes to its standard output until it ends; its standard error is dropped. It is sought as a shell
// would, and `words` begin with its name. "" where it cannot be started.
LINESHAFT_COMMAND_EXPORT std::string output_of(const std::vector<std::string>& words);

// Runs the program in this one's place. Throws Error(kInvalidArgument) where it cannot be started.
[[noreturn]] LINESHAFT_COMMAND_EXPORT void become_program(const std::vector<std::string>& words);

}  // namespace lineshaft
