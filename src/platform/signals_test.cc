#include "platform/signals.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "platform/process.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;

void require(bool condition) {
  if (!condition) throw std::runtime_error("a check in the child fails");
}

// To this process, not to one of its threads as std::raise does.
void send_term() {
  output_of({"sh", "-c", "kill -TERM $PPID"});
}

// In a child, where blocking signals concerns no other test.
TEST(Signals, OneThatComesBeforeTheThreadIsHandledByIt) {
  Trial trial = try_in_child(
      [] {
        BlockedSignals blocked({Signal::kTerminate, Signal::kHangup});
        send_term();
        std::promise<Signal> first;
        SignalThread thread(blocked, [&](Signal signal) { first.set_value(signal); });
        auto handled = first.get_future();
        require(handled.wait_for(10s) == std::future_status::ready && handled.get() == Signal::kTerminate);
      },
      20s);
  EXPECT_EQ(trial, Trial::kSurvived);
}

TEST(Signals, OneThatIsNotBlockedEndsTheProgram) {
  Trial trial = try_in_child(
      [] {
        BlockedSignals blocked({Signal::kHangup});
        send_term();
      },
      20s);
  EXPECT_EQ(trial, Trial::kCrashed);
}

}  // namespace
}  // namespace lineshaft
