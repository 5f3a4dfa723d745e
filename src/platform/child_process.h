// Processes that serve the one that starts them: starting and watching them, and what such a process does about itself.
#pragma once

#include <string>
#include <vector>

#include "platform/descriptor.h"

namespace lineshaft {

// How a process has ended.
struct ProcessEnd {
  int status = 0;  // that it exited with
  int signal = 0;  // that ended it; 0 where it exited
  bool well() const { return status == 0 && signal == 0; }
};

// A process that this one has started. It goes on when this object goes.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(int number, Descriptor over) : number_(number), over_(std::move(over)) {}
  int number() const { return number_; }            // its process id
  const Descriptor& over() const { return over_; }  // readable once the process is over
  void kill() noexcept;
  ProcessEnd wait() noexcept;  // until it is over; to be called once

 private:
  int number_ = 0;
  Descriptor over_;
};

struct StartedChild {
  ChildProcess process;
  Descriptor control;  // packets, both ways
};

// The command gets the control socket's other end as descriptor 3. Throws Error(kInternal) where it cannot be started;
// `what` names it then: "the worker".
StartedChild start_child(const std::string& what, const std::vector<std::string>& command);

// The process that calls ends, at once and whatever it does, when the one that started it is gone.
void end_with_parent() noexcept;
// The process that calls ends after that many seconds, whatever it does then.
void end_in(unsigned seconds) noexcept;
// The terminal's interrupt (Ctrl-C) reaches all its processes: the one that calls leaves it to the one that started it.
void ignore_interrupt() noexcept;

}  // namespace lineshaft
