// Signals as ordinary calls on a thread of their own, which may lock, log and read files.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

// What asks a program from outside: to end at the terminal (Ctrl-C), to end, to read its configuration again.
enum class Signal { kInterrupt, kTerminate, kHangup };

// Keeps the signals from this thread and those that it starts: to be made before any. Pending ones wait for a
// SignalThread.
class LINESHAFT_COMMAND_EXPORT BlockedSignals {
 public:
  explicit BlockedSignals(std::vector<Signal> signals);
  const std::vector<Signal>& signals() const { return signals_; }

 private:
  std::vector<Signal> signals_;
};

class LINESHAFT_COMMAND_EXPORT SignalThread {
 public:
  // Calls `handle` for each of these signals that comes.
  SignalThread(const BlockedSignals& blocked, std::function<void(Signal)> handle);
  ~SignalThread();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// From now on, writing to a peer that is gone is an error and does not end the process.
LINESHAFT_COMMAND_EXPORT void ignore_broken_pipes();

}  // namespace lineshaft
