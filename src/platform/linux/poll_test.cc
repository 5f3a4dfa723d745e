#include "platform/poll.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "platform/descriptor.h"

namespace lineshaft {
namespace {

TEST(Poll, SaysWhichDescriptorsAreReadyForWhat) {
  Descriptor quiet = make_doorbell(), rung = make_doorbell();
  ring_doorbell(rung);
  std::array<Polled, 4> files{{{quiet.get()}, {rung.get()}, {-1}, {quiet.get(), PollEvent::kWritable}}};
  EXPECT_EQ(poll_descriptors(files, -1), 2);
  EXPECT_FALSE(files[0].ready);
  EXPECT_TRUE(files[1].ready);
  EXPECT_FALSE(files[2].ready);
  EXPECT_TRUE(files[3].ready);
}

TEST(Poll, ForgetsWhatWasReadyOnceTimeHasPassed) {
  Descriptor quiet = make_doorbell();
  std::array<Polled, 1> files{{{.descriptor = quiet.get(), .ready = true}}};
  EXPECT_EQ(poll_descriptors(files, 1), 0);
  EXPECT_FALSE(files[0].ready);
}

TEST(Poll, APeerThatIsGoneHasHungUpAndOneThatSendsHasNot) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  Descriptor ours(pair[0]), theirs(pair[1]);
  std::array<Polled, 1> files{{{ours.get(), PollEvent::kHangUp}}};
  ASSERT_EQ(::write(theirs.get(), "a", 1), 1);
  EXPECT_EQ(poll_descriptors(files, 0), 0);
  theirs.reset();
  EXPECT_EQ(poll_descriptors(files, -1), 1);
  EXPECT_TRUE(files[0].ready);
}

}  // namespace
}  // namespace lineshaft
