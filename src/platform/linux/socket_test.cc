#include "platform/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace lineshaft {
namespace {

class ConnectedSockets : public testing::Test {
 protected:
  ConnectedSockets() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    ours_ = Descriptor(pair[0]);
    theirs_ = Descriptor(pair[1]);
  }

  Descriptor ours_, theirs_;
  std::array<char, 64> bytes_;
};

TEST_F(ConnectedSockets, PacketsStayApartAndAnEmptySocketIsNotTheEnd) {
  Transfer nothing = receive_now(ours_, bytes_);
  EXPECT_EQ(nothing.bytes, 0u);
  EXPECT_FALSE(nothing.ended || nothing.broken);
  send_packet(theirs_, "one");
  send_packet(theirs_, "three");
  EXPECT_EQ(receive_now(ours_, bytes_).bytes, 3u);
  EXPECT_EQ(receive_now(ours_, bytes_).bytes, 5u);
  EXPECT_EQ(std::string(bytes_.data(), 5), "three");
}

TEST_F(ConnectedSockets, WhatWasSentLastArrivesBeforeTheEnd) {
  send_packet(theirs_, "last");
  hang_up(theirs_);
  EXPECT_EQ(receive_now(ours_, bytes_).bytes, 4u);
  EXPECT_TRUE(receive_now(ours_, bytes_).ended);
  EXPECT_TRUE(send_now(ours_, "more").broken);
}

TEST_F(ConnectedSockets, ASocketWithoutRoomIsNotBroken) {
  std::string packet(4096, 'x');
  int sent = 0;
  while (send_now(ours_, packet).bytes > 0) ASSERT_LT(++sent, 100'000);
  EXPECT_GT(sent, 0);
  EXPECT_FALSE(send_now(ours_, packet).broken);
}

}  // namespace
}  // namespace lineshaft
