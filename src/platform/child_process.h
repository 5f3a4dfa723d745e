// Child processes: starting and watching them, and settings that a child makes for itself.
#pragma once

#include <string>
#include <vector>

#include "platform/descriptor.h"

namespace lineshaft {

// How a process has ended.
struct ProcessEnd {
  int status = 0;  // the exit status
  int signal = 0;  // the signal that ended it; 0 where it exited
  bool well() const { return status == 0 && signal == 0; }
};

// A process that this process has started. It continues to run when the object is destroyed.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(int number, Descriptor over) : number_(number), over_(std::move(over)) {}
  int number() const { return number_; }            // its process id
  const Descriptor& over() const { return over_; }  // readable once the process has ended
  void kill() noexcept;
  ProcessEnd wait() noexcept;  // waits until it has ended; call it only once

 private:
  int number_ = 0;
  Descriptor over_;
};

struct StartedChild {
  ChildProcess process;
  Descriptor control;  // packets, both ways
};

// Starts the command, which gets the other end of the control socket as descriptor 3. Throws Error(kInternal) where it
// cannot be started; `what` names it in the text ("the worker").
StartedChild start_child(const std::string& what, const std::vector<std::string>& command);

// From now on the calling process is killed when its parent process ends.
void end_with_parent() noexcept;
// The calling process is killed after that many seconds.
void end_in(unsigned seconds) noexcept;
// The calling process ignores the terminal's interrupt (Ctrl-C), which all processes of the terminal get; its parent
// handles it.
void ignore_interrupt() noexcept;

}  // namespace lineshaft
