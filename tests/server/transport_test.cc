// What every transport does alike.
#include <gtest/gtest.h>
#include <linux/vm_sockets.h>  // after sys/socket.h
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <thread>

#include "lineshaft/base/error.h"
#include "server/transport_pair.h"
#include "support/expected_error.h"

namespace lineshaft::tests {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Bytes = std::vector<std::byte>;

enum class Kind { kUnix, kTcp, kTls, kVsock };

// Why this kernel cannot do vsock within one machine; empty where it can.
std::string vsock_problem() {
  int socket = ::socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return "this kernel has no vsock";
  sockaddr_vm address{};
  address.svm_family = AF_VSOCK;
  address.svm_cid = VMADDR_CID_LOCAL;
  address.svm_port = VMADDR_PORT_ANY;
  bool local = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return local ? "" : "this kernel has vsock without vsock_loopback, so nothing here can connect to itself";
}

Bytes pattern(size_t size, uint32_t state) {
  Bytes bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>((state = state * 1664525u + 1013904223u) >> 24);
  return bytes;
}

Bytes receive_exactly(Connection& connection, size_t size) {
  Bytes bytes(size);
  for (size_t done = 0; done < size;)
    done += connection.receive(std::span(bytes).subspan(done, std::min<size_t>(size - done, 100'000)), 10s);
  return bytes;
}

// Every transport reports the end as the same kind of error.
void expect_lost(const std::function<void()>& run) {
  expect_error(ErrorCode::kDeviceLost, "", run);
}

class Transports : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    Credential authority = make_authority("tests", valid_for(1));
    auto server = make_server_certificate(authority, {"127.0.0.1"}, valid_for(1));
    std::string servers = write_tls_folder(folder_, "server", TlsRole::kServer, authority, server);
    guests_ = write_tls_folder(folder_, "guest", TlsRole::kGuest, authority,
                               make_guest_certificate(authority, "alice", valid_for(1)));
    if (GetParam() == Kind::kTls) listen_ = tls_options(servers);
    variable_.emplace("LINESHAFT_TLS", GetParam() == Kind::kTls ? guests_.c_str() : "off");
    if (GetParam() == Kind::kVsock && !vsock_problem().empty()) GTEST_SKIP() << vsock_problem();
    listener_ = endpoint().transport->listen(endpoint().address, listen_);
  }

  Endpoint endpoint() const {
    if (GetParam() == Kind::kUnix) return parse_endpoint("unix:" + folder_.path("socket"));
    if (GetParam() == Kind::kVsock) return parse_endpoint("vsock:any:0");
    return parse_endpoint("tcp://127.0.0.1:0");
  }
  Pair connect() { return connect_pair(*listener_, adopt_options(listen_)); }

  TemporaryFolder folder_;
  std::string guests_;
  ListenOptions listen_;
  std::optional<ScopedVariable> variable_;
  std::unique_ptr<Listener> listener_;
};

TEST_P(Transports, RoundTripsKeepTheBytes) {
  Pair pair = connect();
  for (size_t size : {1, 7, 64, 4096, 16384, 16385, 65536, 100'000}) {
    Bytes there = pattern(size, static_cast<uint32_t>(size)), back = pattern(size, 7);
    pair.guest->send(there);
    EXPECT_EQ(receive_exactly(*pair.server, size), there) << size;
    pair.server->send(back);
    EXPECT_EQ(receive_exactly(*pair.guest, size), back) << size;
  }
}

TEST_P(Transports, LargeMessagesPassInBothDirectionsAtOnce) {
  Pair pair = connect();
  Bytes up = pattern(size_t{48} << 20, 1), down = pattern(size_t{24} << 20, 2);
  auto upload = std::async(std::launch::async, [&] { pair.guest->send(up); });
  auto download = std::async(std::launch::async, [&] { pair.server->send(down); });
  auto guest = std::async(std::launch::async, [&] { return receive_exactly(*pair.guest, down.size()); });
  EXPECT_TRUE(receive_exactly(*pair.server, up.size()) == up);
  EXPECT_TRUE(guest.get() == down);
  upload.get();
  download.get();
}

TEST_P(Transports, ReceivingWaitsAsLongAsItIsTold) {
  Pair pair = connect();
  Bytes room(100);
  EXPECT_EQ(pair.server->receive(room, 0ms), 0u);
  auto start = Clock::now();
  while (pair.server->receive(room, 50ms) == 0 && Clock::now() - start < 50ms) {
  }
  EXPECT_GE(Clock::now() - start, 45ms);
  EXPECT_LT(Clock::now() - start, 5s);
  pair.guest->send(pattern(10, 1));
  EXPECT_EQ(pair.server->receive(room, 10s), 10u);
  EXPECT_EQ(pair.server->receive(room, 0ms), 0u);
}

TEST_P(Transports, WhatWasSentBeforeTheEndIsReceived) {
  Pair pair = connect();
  Bytes last = pattern(200'000, 3);
  pair.server->send(pattern(50'000, 4));  // that nobody reads
  pair.guest->send(last);
  auto leaving = std::async(std::launch::async, [&] { pair.guest.reset(); });
  EXPECT_EQ(receive_exactly(*pair.server, last.size()), last);
  Bytes room(100);
  expect_lost([&] {
    while (true) pair.server->receive(room, 10s);
  });
  leaving.get();
}

TEST_P(Transports, CloseWakesTheThreadThatReceives) {
  Pair pair = connect();
  auto receiving = std::async(std::launch::async, [&] {
    Bytes room(100);
    while (true) pair.guest->receive(room, -1ms);
  });
  std::this_thread::sleep_for(50ms);
  auto start = Clock::now();
  pair.guest->close();
  expect_lost([&] { receiving.get(); });
  EXPECT_LT(Clock::now() - start, 1s);
}

TEST_P(Transports, CloseWakesTheThreadThatSends) {
  Pair pair = connect();
  auto sending = std::async(std::launch::async, [&] {
    Bytes bytes = pattern(1 << 20, 1);
    while (true) pair.guest->send(bytes);  // nobody reads: it has to wait for room
  });
  std::this_thread::sleep_for(200ms);
  auto start = Clock::now();
  pair.guest->close();
  expect_lost([&] { sending.get(); });
  EXPECT_LT(Clock::now() - start, 1s);
}

TEST_P(Transports, AKilledGuestIsNoticedWithinASecond) {
  Endpoint to = parse_endpoint(listener_->address().replace(0, 0, ""));
  if (GetParam() == Kind::kVsock) to = parse_endpoint("vsock:1:" + listener_->address().substr(10));
  pid_t guest = ::fork();
  if (guest == 0) {
    try {
      auto connection = to.transport->connect(to.address);
      connection->send(pattern(10, 5));
      ::pause();
    } catch (const Error&) {
    }
    ::_exit(1);
  }
  auto server = admit(*listener_, *to.transport, adopt_options(listen_));
  EXPECT_EQ(receive_exactly(*server, 10), pattern(10, 5));
  ::kill(guest, SIGKILL);
  auto start = Clock::now();
  Bytes room(100);
  expect_lost([&] {
    while (true) server->receive(room, 10s);
  });
  EXPECT_LT(Clock::now() - start, 1s);
  expect_lost([&] {
    for (int i = 0; i < 100; ++i) server->send(pattern(1 << 20, 1));  // and no signal ends the process
  });
  ::waitpid(guest, nullptr, 0);
}

TEST_P(Transports, AServerThatLeavesIsALostDevice) {
  Pair pair = connect();
  pair.server.reset();
  Bytes room(100);
  expect_lost([&] { pair.guest->receive(room, 10s); });
}

TEST_P(Transports, ARefusedGuestHearsWhy) {
  Endpoint to =
      parse_endpoint(GetParam() == Kind::kVsock ? "vsock:1:" + listener_->address().substr(10) : listener_->address());
  auto guest = std::async(std::launch::async, [&] { return to.transport->connect(to.address); });
  std::optional<Arrival> arrival;
  while (!(arrival = listener_->accept())) std::this_thread::sleep_for(1ms);
  listener_->refuse(std::move(*arrival), "there is no room today");
  expect_error("there is no room today", [&] { guest.get(); });
}

std::string name_of(const testing::TestParamInfo<Kind>& info) {
  constexpr const char* kNames[] = {"unix", "tcp", "tls", "vsock"};
  return kNames[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(All, Transports, testing::Values(Kind::kUnix, Kind::kTcp, Kind::kTls, Kind::kVsock), name_of);

}  // namespace
}  // namespace lineshaft::tests
