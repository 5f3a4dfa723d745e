#include "platform/signals.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

#include "lineshaft/base/error.h"

namespace lineshaft {

BlockedSignals::BlockedSignals(std::initializer_list<int> signals) {
  ::sigemptyset(&set_);
  for (int signal : signals) ::sigaddset(&set_, signal);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

SignalThread::SignalThread(const BlockedSignals& signals, std::function<void(int)> handle)
    : signals_(::signalfd(-1, &signals.set(), SFD_CLOEXEC)), stop_(make_doorbell()) {
  if (!signals_) fail(ErrorCode::kInternal, "signals cannot be received: ", system_error());
  thread_ = std::thread([this, handle = std::move(handle)] {
    while (true) {
      std::array<pollfd, 2> files{{{stop_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
      ::poll(files.data(), files.size(), -1);
      if (files[0].revents) return;
      signalfd_siginfo one{};
      if (files[1].revents && ::read(signals_.get(), &one, sizeof one) == sizeof one)
        handle(static_cast<int>(one.ssi_signo));
    }
  });
}

SignalThread::~SignalThread() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

}  // namespace lineshaft
