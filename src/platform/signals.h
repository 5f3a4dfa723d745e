// Signals as ordinary calls on a thread of their own, which may lock, log and read files.
#pragma once

#include <csignal>
#include <functional>
#include <initializer_list>
#include <thread>

#include "platform/descriptor.h"

namespace lineshaft {

// Keeps the signals from this thread and those that it starts: to be made before any. Pending ones wait for a
// SignalThread.
class BlockedSignals {
 public:
  BlockedSignals(std::initializer_list<int> signals);
  const sigset_t& set() const { return set_; }

 private:
  sigset_t set_;
};

class SignalThread {
 public:
  SignalThread(const BlockedSignals& signals, std::function<void(int)> handle);
  ~SignalThread();

 private:
  Descriptor signals_, stop_;
  std::thread thread_;
};

}  // namespace lineshaft
