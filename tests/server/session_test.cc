// Sessions in this process, of guests that say what they are given.
#include "server/session.h"

#include <gtest/gtest.h>

#include "server/guest.h"
#include "support/scripted_guest.h"

namespace lineshaft::tests {
namespace {

using wire::FrameType;

// Never done with what it runs; looks at it once more when it ends.
class BusyDevice final : public Device {
 public:
  explicit BusyDevice(bool& kept) : kept_(kept) {}
  ~BusyDevice() override { kept_ = !event_.expired(); }
  void submit(const CommandList& list, uint64_t) override { event_ = list.owned.at(0); }
  uint64_t completed() const override { return 0; }
  void wait(uint64_t) override {}
  void read(BufferId, int64_t, void*, int64_t) override {}
  std::optional<Error> take_error() override { return std::nullopt; }
  void trim() override {}
  ExecutorMemory memory() const override { return {}; }
  const DeviceProperties& properties() const override { return properties_; }
  void limit_memory(int64_t) override {}

 private:
  bool& kept_;
  std::weak_ptr<const void> event_;
  DeviceProperties properties_;
};

void say(Bytes& bytes, FrameType type, const ByteWriter& payload) {
  auto header = wire::frame_header(type, payload.bytes.size());
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), payload.bytes.begin(), payload.bytes.end());
}

template <class Message>
void say(Bytes& bytes, FrameType type, const Message& message) {
  ByteWriter out;
  wire::encode(message, out);
  say(bytes, type, out);
}

// A session up to its first list.
Bytes begin_with(const CommandList& list) {
  Bytes says;
  say(says, FrameType::kHello, wire::Hello{.release = "test", .catalogue = catalogue_hash()});
  say(says, FrameType::kOpen, wire::Open{0});
  ByteWriter out;
  out.number(uint64_t{1});
  Encoder().encode(list, out);
  say(says, FrameType::kList, out);
  return says;
}

TEST(Session, CopiesNoBytesWhereNoneAreAskedFor) {
  BufferId buffer = BufferId::make(1, 1);
  CommandList list;
  list.commands = {create(1, 64), {.kind = CommandKind::kUpload, .id = 2, .buffer = buffer}};
  Bytes says = begin_with(list);
  say(says, FrameType::kRead, wire::Read{buffer.value, 0, 0, wire::Read::kNoWindow});
  say(says, FrameType::kGoodbye, ByteWriter());

  int answers = 0;
  auto answered = [&](const wire::Frame& frame) {
    EXPECT_NE(frame.type, FrameType::kEnd);
    answers += frame.type == FrameType::kData && frame.payload.empty();
  };
  wire::Channel channel(std::make_unique<ScriptedGuest>(says, std::span<std::byte>(), answered));
  Session session(channel, {.release = "test", .devices = {{.memory = 1 << 20}}, .open = [](int) {
                              return backend_named("cpu").open(0);
                            }});
  session.run();
  EXPECT_EQ(answers, 1);
}

TEST(Session, KeepsWhatTheDeviceRunsUntilTheDeviceHasEnded) {
  CommandList list;
  list.commands.push_back({.kind = CommandKind::kEvent});
  Bytes says = begin_with(list);
  says.resize(says.size() + wire::kFrameHeader, std::byte{0xff});  // no frame: the session ends

  bool kept = false;
  {
    wire::Channel channel(std::make_unique<ScriptedGuest>(says, std::span<std::byte>(), [](const wire::Frame&) {}));
    Session session(channel, {.release = "test", .devices = {{.memory = 1 << 20}}, .open = [&](int) {
                                return std::make_unique<BusyDevice>(kept);
                              }});
    EXPECT_THROW(session.run(), Error);
  }
  EXPECT_TRUE(kept);
}

}  // namespace
}  // namespace lineshaft::tests
