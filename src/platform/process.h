// This process: the children that it forks, and its threads.
#pragma once

namespace lineshaft {

// Calls `function` in every child that this process forks from now on, before fork() returns there. It may do what a
// signal handler may. Nothing where the system has no fork.
void at_fork_in_child(void (*function)());

// Whether a thread of this process other than the calling one runs or could run now. False where the system does not
// tell.
bool other_threads_run();

}  // namespace lineshaft
