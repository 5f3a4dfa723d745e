// What a guest may take: memory, sessions, and who is let in at all.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "server/guest.h"
#include "server/server.h"
#include "support/examples.h"
#include "support/expected_error.h"

namespace lineshaft::tests {
namespace {

constexpr int64_t kQuota = int64_t{8} << 20;

ServeOptions with_quota(int sessions = 2) {
  ServeOptions options;
  options.guests = {{.memory = kQuota, .sessions = sessions}};
  return options;
}

TEST(Quota, AGuestThatAsksForMoreGetsAnErrorAndGoesOn) {
  Server server(with_quota());
  Guest guest(server.address());
  expect_error(ErrorCode::kOutOfMemory,
               "remote:0 is out of memory: 8388609 bytes are asked for, 0 of 8388608 bytes are held",
               [&] { guest.stream().create(kQuota + 1); });
  EXPECT_EQ(guest.train(3, 1).size(), 3u);
}

// Fusion may move creations and releases; what the server counts never passes what the guest counted.
TEST(Quota, AGuestMayUseAllOfItAgainAndAgain) {
  Server server(with_quota());
  Guest guest(server.address());
  Stream& stream = guest.stream();
  constexpr int64_t kHalf = kQuota / 2;
  TensorView view = contiguous_view({}, DType::kF32, {kHalf / 4});
  BufferId old = stream.create(kHalf);
  std::vector<std::byte> zeros(kHalf);
  stream.write(old, 0, zeros.data(), kHalf);
  for (int i = 0; i < 40; ++i) {
    BufferId fresh = stream.create(kHalf);
    TensorView inputs[] = {view}, outputs[] = {view};
    inputs[0].buffer = old;
    outputs[0].buffer = fresh;
    stream.record(Map{.program = examples::twice(), .inputs = inputs, .outputs = outputs});
    stream.release(old);
    old = fresh;
  }
  stream.wait();
  float first = 1;
  stream.read(old, 0, &first, 4);
  EXPECT_EQ(first, 0);
}

TEST(Quota, AGuestThatSkipsItsOwnCheckIsEnded) {
  Server server(with_quota());
  RawGuest guest(server.address());
  guest.begin();
  CommandList list;
  list.commands = {create(1, kQuota), create(2, 1)};
  guest.send(list);
  expect_error(ErrorCode::kOutOfMemory, "8388609 bytes are held by 2 live buffers; the limit is 8388608",
               [&] { throw guest.end(); });
  EXPECT_TRUE(eventually([&] { return server.logged("8388609 bytes are held"); }));
}

// Views inside the quota, and a copy of a broadcast one that would take a gigabyte.
TEST(Quota, ScratchMemoryIsPartOfIt) {
  Server server(with_quota());
  Guest guest(server.address());
  Stream& stream = guest.stream();
  BufferId buffers[5];
  for (BufferId& buffer : buffers) {
    buffer = stream.create(1 << 16);
    std::vector<std::byte> zeros(1 << 16);
    stream.write(buffer, 0, zeros.data(), 1 << 16);
  }
  Sort sort{.input = contiguous_view(buffers[0], DType::kF32, {16}),
            .values = contiguous_view(buffers[1], DType::kF32, {16}),
            .indices = contiguous_view(buffers[2], DType::kI64, {16})};
  Conv conv{.input = contiguous_view(buffers[0], DType::kF32, {1, 1, 8192}),
            .weight = contiguous_view(buffers[1], DType::kF32, {1, 1 << 16, 1}),
            .output = contiguous_view(buffers[2], DType::kF32, {1, 1, 8192})};
  conv.input.sizes[1] = 1 << 16;
  conv.input.strides = {0, 0, 1};
  conv.weight.strides = {0, 0, 0};
  stream.record(conv);
  expect_error(ErrorCode::kOutOfMemory, "bytes are needed; the limit is", [&] { stream.wait(); });
  stream.record(sort);
  stream.wait();
  EXPECT_EQ(guest.train(3, 1).size(), 3u);
}

// The first has three quarters of the quota: the second sees what is left, and gets it back when the first lets go.
TEST(Quota, SessionsOfOneGuestShareIt) {
  Server server(with_quota(8));
  constexpr int64_t kPart = kQuota / 4;
  Guest first(server.address());
  BufferId large = first.stream().create(3 * kPart);
  first.stream().wait();
  Guest second(server.address());
  EXPECT_EQ(second.stream().statistics().limit, kPart);
  expect_error(ErrorCode::kOutOfMemory,
               "0 of 8388608 bytes are held by 0 live buffers and 6291456 by other programs that share them",
               [&] { second.stream().create(2 * kPart); });
  EXPECT_EQ(second.train(3, 1).size(), 3u);
  for (const SessionStatus& each : server.open_sessions()) {
    EXPECT_EQ(each.quota, kQuota);
    EXPECT_EQ(each.limit, each.memory == 3 * kPart ? kQuota : kPart);
  }
  EXPECT_EQ(server.broker().status().guests.begin()->second.memory, 3 * kPart);
  first.stream().release(large);
  first.stream().wait();
  BufferId now = second.stream().create(2 * kPart);
  second.stream().release(now);
  second.stream().wait();
}

// What the later one takes too much has no memory; both go on.
TEST(Quota, SessionsThatTakeTheRestAtOnceDoNotGetItTwice) {
  Server server(with_quota(8));
  Guest first(server.address()), second(server.address());
  BufferId one = first.stream().create(kQuota);
  first.stream().wait();
  BufferId other = second.stream().create(kQuota);
  expect_error(ErrorCode::kOutOfMemory,
               "8388608 bytes are asked for, 0 are held by this session and 8388608 by others of the same",
               [&] { second.stream().wait(); });
  float value = 0;
  expect_error(ErrorCode::kOutOfMemory, "it uses a tensor for which there was no memory", [&] {
    second.stream().read(other, 0, &value, 4);
    second.stream().wait();
  });
  for (const SessionStatus& each : server.open_sessions()) EXPECT_EQ(each.memory, each.limit);
  first.stream().read(one, 0, &value, 4);
  second.stream().release(other);
  first.stream().release(one);
  first.stream().wait();
  EXPECT_EQ(second.train(3, 1).size(), 3u);
}

TEST(Quota, AKilledGuestLeavesItsPartToItsOtherSessions) {
  Server server(with_quota());
  auto killed =
      std::make_unique<GuestProcess>(server.address(), std::vector<std::string>{"hold", std::to_string(kQuota)});
  EXPECT_TRUE(eventually([&] { return server.broker().status().devices[0].used == kQuota; }));
  killed.reset();
  EXPECT_TRUE(eventually([&] { return server.sessions() == 0; }));
  Guest guest(server.address());
  guest.stream().create(kQuota);
  guest.stream().wait();
}

TEST(Quota, SessionsAreCounted) {
  Server server(with_quota());
  Guest first(server.address());
  EXPECT_TRUE(eventually([&] { return server.sessions() == 1; }));  // its question for devices is over
  RawGuest second(server.address());
  second.begin();
  expect_error(ErrorCode::kDeviceLost,
               concat("the server refuses: uid:", ::getuid(), " has 2 sessions; its limit is 2"),
               [&] { RawGuest third(server.address()); });
  EXPECT_TRUE(eventually([&] { return server.logged("is refused: uid:"); }));
  EXPECT_EQ(server.broker().status().refused, 1u);
}

TEST(Quota, WhoeverIsNotLetInReadsWhy) {
  TemporaryFolder folder;
  auto expect_refused = [&](const std::string& name, const char* says) {
    expect_error(ErrorCode::kDeviceLost, says, [&] { remote::greet("unix:" + folder.path(name)); });
  };
  expect_refused("none", "no server has made it; start `lineshaft serve` on the host");
  std::ofstream(folder.path("file")) << "text";
  expect_refused("file", "no server answers there");
  {
    ServeOptions options;
    options.addresses = {"unix:" + folder.path("file")};
    expect_error(ErrorCode::kInvalidArgument, "is no socket", [&] { Broker broker(std::move(options)); });
  }
  Server server;
  ServeOptions options;
  options.addresses = {server.address()};
  expect_error(ErrorCode::kInvalidArgument, "a server listens at", [&] { Broker broker(std::move(options)); });
}

TEST(Quota, AGuestThatGetsNoWorkerReadsWhy) {
  ServeOptions options;
  options.worker = {"/nowhere/lineshaft", "worker"};
  Server server(std::move(options));
  expect_error(ErrorCode::kDeviceLost,
               "the server refuses: the worker /nowhere/lineshaft cannot be started: No such file or directory",
               [&] { RawGuest guest(server.address()); });
  EXPECT_TRUE(eventually([&] { return server.broker().status().refused == 1; }));
}

TEST(Quota, ASocketHasTheModeThatIsAskedFor) {
  ServeOptions options;
  options.listen.mode = 0600;
  Server server(std::move(options));
  struct stat status {};
  ASSERT_EQ(::stat(server.address().substr(5).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace lineshaft::tests
