// Handles signals by ordinary function calls on a thread of their own, so that a handler may lock, log and read files.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

// SIGINT (Ctrl-C), SIGTERM, and SIGHUP, which asks a server to read its configuration again.
enum class Signal { kInterrupt, kTerminate, kHangup };

// Blocks the signals for this thread and the threads that it starts, so create it before any thread. Blocked signals
// stay pending until a SignalThread handles them.
class LINESHAFT_COMMAND_EXPORT BlockedSignals {
 public:
  explicit BlockedSignals(std::vector<Signal> signals);
  const std::vector<Signal>& signals() const { return signals_; }

 private:
  std::vector<Signal> signals_;
};

class LINESHAFT_COMMAND_EXPORT SignalThread {
 public:
  // Calls `handle` on its thread for each of these signals that arrives.
  SignalThread(const BlockedSignals& blocked, std::function<void(Signal)> handle);
  ~SignalThread();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Ignores SIGPIPE: writing to a closed connection gives an error and does not end the process.
LINESHAFT_COMMAND_EXPORT void ignore_broken_pipes();

}  // namespace lineshaft
