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

template <class Message>
void say(Bytes& bytes, FrameType type, const Message& message) {
  ByteWriter out;
  wire::encode(message, out);
  auto header = wire::frame_header(type, out.bytes.size());
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), out.bytes.begin(), out.bytes.end());
}

TEST(Session, KeepsWhatTheDeviceRunsUntilTheDeviceHasEnded) {
  Bytes says;
  say(says, FrameType::kHello, wire::Hello{.release = "test", .catalogue = catalogue_hash()});
  say(says, FrameType::kOpen, wire::Open{0});
  CommandList list;
  list.commands.push_back({.kind = CommandKind::kEvent});
  ByteWriter out;
  out.number(uint64_t{1});
  Encoder().encode(list, out);
  auto header = wire::frame_header(FrameType::kList, out.bytes.size());
  says.insert(says.end(), header.begin(), header.end());
  says.insert(says.end(), out.bytes.begin(), out.bytes.end());
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
