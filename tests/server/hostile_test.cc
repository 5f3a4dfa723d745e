// Guests that do wrong: each loses its session with a reason that both sides read, and nobody else loses anything.
#include <gtest/gtest.h>

#include <random>

#include "server/guest.h"
#include "server/server.h"
#include "support/examples.h"

namespace lineshaft::tests {
namespace {

using namespace std::chrono_literals;
using wire::FrameType;

class HostileGuest : public ::testing::Test {
 protected:
  Server server_;
  RawGuest guest_{server_.address()};

  void expect_end(const std::string& text, ErrorCode code = ErrorCode::kProtocol) {
    Error error = guest_.end();
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what() << "\nlacks: " << text;
    EXPECT_TRUE(eventually([&] { return server_.logged(text); })) << "the server's log lacks: " << text;
    EXPECT_TRUE(eventually([&] { return server_.sessions() == 0; }));
    EXPECT_EQ(Guest(server_.address()).train(2, 1).size(), 2u);  // the next one is served
  }
  template <class Op>
  void run_on(int64_t bytes, const Op& op) {
    CommandList list;
    for (int slot = 1; slot <= 3; ++slot) list.commands.push_back(create(slot, bytes));
    list.add(op, nullptr, 4);
    guest_.begin();
    guest_.send(list);
  }
};

TEST_F(HostileGuest, OfAnotherProtocolVersion) {
  guest_.say_hello({.protocol = 99, .release = "9.9", .catalogue = catalogue_hash()});
  expect_end("the guest is Lineshaft 9.9 (protocol 99), the server test (protocol 1); install the same release");
}

TEST_F(HostileGuest, OfAnotherCatalogue) {
  guest_.say_hello({.release = "9.9", .catalogue = {1, 2}});
  expect_end("has other operations");
}

TEST_F(HostileGuest, WhoseNameHasLinesOfItsOwn) {
  guest_.say_hello({.release = "9\n12:00:00  guest 7 opens", .catalogue = {1, 2}});
  guest_.end();
  EXPECT_TRUE(eventually([&] { return server_.logged("9?12:00:00  guest 7"); }));
}

TEST_F(HostileGuest, ThatSendsGarbage) {
  std::mt19937 random(1);
  Bytes bytes(5000);
  for (std::byte& each : bytes) each = static_cast<std::byte>(random());
  bytes[4] = std::byte{0xff};
  Endpoint endpoint = parse_endpoint(server_.address());
  auto connection = endpoint.transport->connect(endpoint.address);
  connection->send(bytes);
  EXPECT_TRUE(eventually([&] { return server_.logged("a frame of the unknown type"); }));
}

TEST_F(HostileGuest, ThatAnnouncesAFrameOverTheLimit) {
  Endpoint endpoint = parse_endpoint(server_.address());
  auto connection = endpoint.transport->connect(endpoint.address);
  const uint32_t header[] = {0xfffffff0, static_cast<uint32_t>(FrameType::kList)};
  connection->send(std::as_bytes(std::span(header)));
  EXPECT_TRUE(eventually([&] { return server_.logged("bytes is announced; the limit is"); }));
}

TEST_F(HostileGuest, ThatSaysNoHello) {
  guest_.send(CommandList{});
  expect_end("a list frame comes where a hello is due");
}

TEST_F(HostileGuest, ThatOpensWhatIsNotLent) {
  guest_.hello();
  guest_.channel().expect(FrameType::kWelcome, 60s);
  guest_.channel().send(FrameType::kOpen, wire::Open{9});
  expect_end("device remote:9 is asked for; the server lends 1", ErrorCode::kInvalidArgument);
}

TEST_F(HostileGuest, ThatSendsAServersFrame) {
  guest_.begin();
  guest_.channel().send(FrameType::kReadDone);
  expect_end("a read done frame comes inside a session");
}

TEST_F(HostileGuest, ThatMiscountsItsLists) {
  guest_.begin();
  guest_.send(CommandList{}, 7);
  expect_end("list 7 comes after list 0");
}

TEST_F(HostileGuest, ThatLeavesBytesAfterAList) {
  guest_.begin();
  ByteWriter out;
  out.number(uint64_t{1});
  out.number(uint32_t{0});
  out.number(uint8_t{0});
  guest_.channel().send(FrameType::kList, out.bytes);
  expect_end("1 bytes are left over after a list");
}

TEST_F(HostileGuest, ThatUsesAStaleHandle) {
  guest_.begin();
  CommandList list;
  list.commands = {create(1, 64), release(1), create(1, 64, 2), release(1, 1)};
  guest_.send(list);
  expect_end("buffer 1 of generation 1 is not live");
}

TEST_F(HostileGuest, ThatCreatesOneGenerationTwice) {
  guest_.begin();
  CommandList list;
  list.commands = {create(1, 64), release(1), create(1, 64)};
  guest_.send(list);
  expect_end("generation 1 of buffer slot 1 is used");
}

TEST_F(HostileGuest, WhoseViewPassesItsBuffer) {
  TensorView outputs[] = {examples::view(3, DType::kF32, {17})};
  TensorView inputs[] = {examples::view(1, DType::kF32, {17})};
  run_on(64, Map{.program = examples::twice(), .inputs = inputs, .outputs = outputs});
  expect_end("touches bytes 0 to 68 of a buffer of 64", ErrorCode::kInvalidArgument);
}

TEST_F(HostileGuest, WhoseOperationBreaksItsRule) {
  TensorView outputs[] = {examples::view(3, DType::kF32, {4})};
  TensorView inputs[] = {examples::view(1, DType::kF32, {5})};
  run_on(64, Map{.program = examples::twice(), .inputs = inputs, .outputs = outputs});
  expect_end("(map)", ErrorCode::kInvalidArgument);
}

TEST_F(HostileGuest, WhoseWorkPassesAllBounds) {
  auto broadcast = [](int slot, std::initializer_list<int64_t> sizes) {
    TensorView view = examples::view(slot, DType::kF32, sizes);
    view.strides = {};
    return view;
  };
  constexpr int64_t kLong = int64_t{1} << 50;
  run_on(1 << 20, Matmul{.a = broadcast(1, {512, kLong / 512}),
                         .b = broadcast(2, {kLong / 512, 512}),
                         .output = examples::view(3, DType::kF32, {512, 512})});
  expect_end("multiplications", ErrorCode::kInvalidArgument);
}

TEST_F(HostileGuest, WhoseGraphNamesABufferThatIsGone) {
  auto list = std::make_unique<CommandList>();
  TensorView view = examples::view(1, DType::kF32, {4});
  list->add(Map{.program = examples::twice(), .inputs = {&view, 1}, .outputs = {&view, 1}}, nullptr, 1);
  auto graph = std::make_shared<Graph>(std::move(list), std::vector<GraphParameter>());
  guest_.begin();
  for (int run = 0; run < 3; ++run) {
    CommandList run_it;
    if (run == 0) run_it.commands = {create(1, 64)};
    if (run == 2) run_it.commands = {release(1), create(1, 64, 2)};
    add_replay(run_it, graph, {}, 9);
    guest_.send(run_it);
  }
  expect_end("buffer 1 of generation 1 is not live");
}

TEST_F(HostileGuest, WhoseGraphPassesItsBuffer) {
  auto list = std::make_unique<CommandList>();
  TensorView view = examples::view(1, DType::kF32, {17});
  list->add(Map{.program = examples::twice(), .inputs = {&view, 1}, .outputs = {&view, 1}}, nullptr, 1);
  CommandList run_it;
  run_it.commands = {create(1, 64)};
  add_replay(run_it, std::make_shared<Graph>(std::move(list), std::vector<GraphParameter>()), {}, 9);
  guest_.begin();
  guest_.send(run_it);
  expect_end("touches bytes 0 to 68 of a buffer of 64", ErrorCode::kInvalidArgument);
}

TEST_F(HostileGuest, ThatReadsPastABuffer) {
  guest_.begin();
  CommandList list;
  list.commands = {create(1, 64)};
  guest_.send(list);
  guest_.channel().send(FrameType::kRead, wire::Read{BufferId::make(1, 1).value, 1, 64, 0});
  expect_end("a read of 64 bytes at 1 passes its buffer of 64");
}

TEST_F(HostileGuest, ThatReadsPastTheWindow) {
  guest_.begin();
  CommandList list;
  list.commands = {create(1, 64)};
  guest_.send(list);
  guest_.channel().send(FrameType::kRead,
                        wire::Read{BufferId::make(1, 1).value, 0, 64, guest_.channel().window().size() - 63});
  expect_end("passes the window of");
}

TEST_F(HostileGuest, ThatUploadsPastTheWindow) {
  guest_.begin();
  ByteWriter out;
  out.number(uint64_t{1});
  out.number(uint32_t{1});
  out.number(uint8_t{5});  // an upload from the window
  out.number(uint64_t{1});
  out.number(uint32_t{0});
  out.number(BufferId::make(1, 1).value);
  out.number(int64_t{0});
  out.number(int64_t{64});
  out.number(static_cast<uint64_t>(guest_.channel().window().size() - 1));
  guest_.channel().send(FrameType::kList, out.bytes);
  expect_end("passes the window of");
}

TEST_F(HostileGuest, WhoseListGrowsWhenDecoded) {
  guest_.begin();
  constexpr uint32_t kViews = 3 << 20;  // absent views: 8 bytes each, many times that decoded
  ByteWriter out;
  out.number(uint64_t{1});
  out.number(uint32_t{1});
  out.number(uint8_t{0});
  out.number(uint64_t{1});
  out.number(uint32_t{0});
  out.number(static_cast<uint16_t>(OpKind::kMap));
  out.number(uint32_t{0});
  out.number(kViews);
  out.bytes.resize(out.bytes.size() + size_t{8} * kViews);
  guest_.channel().send(FrameType::kList, out.bytes);
  expect_end("bytes once decoded; the limit is");
}

TEST_F(HostileGuest, ThatSpoilsTheSharedRings) {
  guest_.begin();
  // The window follows the rings and their control words, whose first is how much the guest has written.
  auto* control = guest_.channel().window().data() - (4096 + (2 << 20));
  uint64_t impossible = ~uint64_t{0} / 2;
  std::memcpy(control, &impossible, sizeof impossible);
  guest_.channel().close();  // wakes the worker
  EXPECT_TRUE(eventually([&] { return server_.logged("the peer says that it has written"); }));
  EXPECT_TRUE(eventually([&] { return server_.sessions() == 0; }));
  EXPECT_EQ(Guest(server_.address()).train(2, 1).size(), 2u);
}

}  // namespace
}  // namespace lineshaft::tests
