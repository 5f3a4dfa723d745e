#include "platform/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <utility>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"

namespace lineshaft {
namespace {

constexpr std::array<std::pair<Signal, int>, 3> kSignalNumbers = {
    {{Signal::kInterrupt, SIGINT}, {Signal::kTerminate, SIGTERM}, {Signal::kHangup, SIGHUP}}};

sigset_t signal_set(const std::vector<Signal>& signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (Signal signal : signals)
    for (auto [known, number] : kSignalNumbers)
      if (known == signal) ::sigaddset(&set, number);
  return set;
}

}  // namespace

struct SignalThread::State {
  Descriptor signals, stop;
  std::function<void(Signal)> handle;
  std::thread thread;

  void run() {
    while (true) {
      std::array<pollfd, 2> files{{{stop.get(), POLLIN, 0}, {signals.get(), POLLIN, 0}}};
      ::poll(files.data(), files.size(), -1);
      if (files[0].revents) return;
      signalfd_siginfo one{};
      if (!files[1].revents || ::read(signals.get(), &one, sizeof one) != sizeof one) continue;
      for (auto [signal, number] : kSignalNumbers)
        if (number == static_cast<int>(one.ssi_signo)) handle(signal);
    }
  }
};

BlockedSignals::BlockedSignals(std::vector<Signal> signals) : signals_(std::move(signals)) {
  sigset_t set = signal_set(signals_);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

SignalThread::SignalThread(const BlockedSignals& blocked, std::function<void(Signal)> handle)
    : state_(std::make_unique<State>()) {
  sigset_t set = signal_set(blocked.signals());
  state_->signals = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC));
  if (!state_->signals) fail(ErrorCode::kInternal, "signals cannot be received: ", system_error());
  state_->stop = make_doorbell();
  state_->handle = std::move(handle);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

SignalThread::~SignalThread() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(state_->stop.get(), &one, sizeof one);
  state_->thread.join();
}

void ignore_broken_pipes() {
  ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace lineshaft
