// Golden bytes: a session as it was recorded for the protocol's present version. What is encoded today is that, what is
// decoded says the same, and today's server serves it. So bytes that change without a new version are seen.
//
// Where they are meant to change: raise wire::kProtocolVersion, tell it in docs/formats/protocol.md, and record anew by
// LINESHAFT_RECORD=1 lineshaft_tests --gtest_filter='Golden*'. Where an operation of the session has changed, and with
// it the catalogue's hash, recording anew is all.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "golden/session.h"
#include "lineshaft/device/registry.h"
#include "server/session.h"
#include "support/scripted_guest.h"
#include "wire/messages.h"

namespace lineshaft::golden {
namespace {

using wire::Frame;
using wire::FrameType;

constexpr const char* kChanged =
    "the protocol's bytes have changed: the head of tests/golden/protocol_test.cc says what to do";

std::string path_of(const char* side) {
  return concat(LINESHAFT_GOLDEN, "/protocol-", wire::kProtocolVersion, ".", side);
}

Bytes recorded(const char* side) {
  std::ifstream file(path_of(side), std::ios::binary);
  EXPECT_TRUE(file) << path_of(side) << " is missing: " << kChanged;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void expect_recorded(const Bytes& today, const char* side) {
  if (std::getenv("LINESHAFT_RECORD")) {
    std::ofstream(path_of(side), std::ios::binary)
        .write(reinterpret_cast<const char*>(today.data()), static_cast<std::streamsize>(today.size()));
    return;
  }
  Bytes then = recorded(side);
  size_t at = std::ranges::mismatch(today, then).in1 - today.begin();
  EXPECT_TRUE(today == then) << kChanged << "; " << side << " differs from byte " << at << " on";
}

TEST(Golden, WhatTheGuestSaysIsEncodedAsRecorded) {
  Bytes memory = window();
  expect_recorded(join(guest_frames(memory)), "guest");
}

TEST(Golden, WhatTheServerSaysIsEncodedAsRecorded) {
  expect_recorded(join(server_frames()), "server");
}

template <class Message>
Bytes again(const Frame& frame) {
  ByteWriter out;
  wire::encode(wire::decode<Message>(frame.payload), out);
  return out.bytes;
}

TEST(Golden, RecordedMessagesDecodeToWhatEncodesToThem) {
  std::vector<Frame> frames = split(recorded("guest")), answers = split(recorded("server"));
  frames.insert(frames.end(), answers.begin(), answers.end());
  int messages = 0;
  for (const Frame& frame : frames) {
    Bytes bytes;
    switch (frame.type) {
      case FrameType::kHello:
        bytes = again<wire::Hello>(frame);
        break;
      case FrameType::kOpen:
        bytes = again<wire::Open>(frame);
        break;
      case FrameType::kRead:
        bytes = again<wire::Read>(frame);
        break;
      case FrameType::kWelcome:
        bytes = again<wire::Welcome>(frame);
        break;
      case FrameType::kOpened:
        bytes = again<wire::Opened>(frame);
        break;
      case FrameType::kCompleted:
        bytes = again<wire::Completed>(frame);
        break;
      case FrameType::kFailed:
      case FrameType::kEnd:
        bytes = again<wire::Failure>(frame);
        break;
      default:
        continue;
    }
    EXPECT_TRUE(bytes == frame.payload) << wire::name_of(frame.type) << ": " << kChanged;
    ++messages;
  }
  EXPECT_EQ(messages, 10);
}

TEST(Golden, RecordedListsDecodeToWhatEncodesToThem) {
  Bytes memory = window();
  Decoder decoder;
  decoder.set_window(memory);
  Encoder encoder;
  encoder.set_window(memory);
  CommandList list;
  size_t commands = 0;
  for (const Frame& frame : split(recorded("guest"))) {
    if (frame.type != FrameType::kList) continue;
    ByteReader in(frame.payload);
    auto number = in.number<uint64_t>();
    decoder.decode(in, list);
    EXPECT_EQ(in.left(), 0u);
    ByteWriter out;
    out.number(number);
    encoder.encode(list, out);
    EXPECT_TRUE(out.bytes == frame.payload) << "list " << number << ": " << kChanged;
    commands += list.commands.size();
  }
  EXPECT_EQ(commands, 20u);
}

// What a server of today answers to the recorded guest, with this build's catalogue in its hello.
std::vector<Frame> answers_to(std::vector<Frame> says, Bytes& memory) {
  auto hello = wire::decode<wire::Hello>(says.at(0).payload);
  hello.catalogue = catalogue_hash();
  ByteWriter out;
  wire::encode(hello, out);
  says[0].payload = out.bytes;
  std::vector<Frame> answers;
  Bytes bytes = join(says);
  wire::Channel channel(
      std::make_unique<tests::ScriptedGuest>(bytes, memory, [&](const Frame& frame) { answers.push_back(frame); }));
  Session session(channel, {.number = 7,
                            .release = "0.1.0",
                            .devices = {{.name = "a device", .memory = int64_t{1} << 30}},
                            .open = [](int) { return backend_named("cpu").open(0); }});
  EXPECT_THROW(session.run(), Error);
  return answers;
}

TEST(Golden, TheRecordedSessionIsServedAsItWas) {
  Bytes memory = window();
  std::vector<Frame> then = split(recorded("server")), now = answers_to(split(recorded("guest")), memory);
  ASSERT_EQ(now.size(), then.size());
  for (size_t i = 0; i < now.size(); ++i) {
    ASSERT_EQ(now[i].type, then[i].type) << "frame " << i;
    if (now[i].type == FrameType::kWelcome) continue;  // names the build and the machine
    if (now[i].type != FrameType::kCompleted) {
      EXPECT_TRUE(now[i].payload == then[i].payload) << wire::name_of(now[i].type);
      continue;
    }
    auto completed = wire::decode<wire::Completed>(now[i].payload),
         before = wire::decode<wire::Completed>(then[i].payload);
    EXPECT_EQ(completed.ticket, before.ticket);
    EXPECT_EQ(completed.dispatches, before.dispatches);
    EXPECT_EQ(completed.events.size(), before.events.size());
  }
  float sums[2];
  std::memcpy(sums, memory.data() + kReadAt, sizeof sums);
  EXPECT_EQ(sums[0], -4.0f + 24.5f);
  EXPECT_EQ(sums[1], -4.5f + 47.25f);
}

}  // namespace
}  // namespace lineshaft::golden
