// `lineshaft serve` as it is started by hand and by a service manager, and the commands that look at it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "backends/remote/device.h"
#include "lineshaft/device/enumeration.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/stream/stream.h"
#include "server/serve_process.h"
#include "server/status_json.h"
#include "server/status_server.h"
#include "support/expected_error.h"
#include "transport/local_socket.h"
#include "transport/transport.h"

namespace lineshaft::tests {
namespace {

// What a server lends here, found without asking it: it counts who comes.
std::unique_ptr<Device> first_device(const std::string& address) {
  DeviceProperties cpu = find_own_devices("cpu").devices.at(0);
  cpu.backend = "remote";
  return remote::make_device(address, cpu);
}

// A guest that has moved a mebibyte to the server's first device and back.
class Guest {
 public:
  explicit Guest(const std::string& address) : device_(first_device(address)), stream_(*device_, {}) {
    std::vector<char> bytes(1 << 20, 'x');
    buffer_ = stream_.create(1 << 20);
    stream_.write(buffer_, 0, bytes.data(), 1 << 20);
    stream_.read(buffer_, 0, bytes.data(), 1 << 20);
  }
  ~Guest() { stream_.release(buffer_); }
  void read() {
    char byte = 0;
    stream_.read(buffer_, 0, &byte, 1);
  }

 private:
  std::unique_ptr<Device> device_;
  Stream stream_;
  BufferId buffer_;
};

ServerStatus status_of(const ServeProcess& server) {
  return parse_status(fetch_status(status_socket_of(server.socket())));
}

TensorView reshape_to(TensorView view, std::initializer_list<int64_t> sizes) {
  return contiguous_view(view.buffer, view.dtype, sizes);
}

// The one session of the server, once its worker has counted the guest's bytes.
SessionStatus session_of(const ServeProcess& server) {
  ServerStatus status = status_of(server);
  EXPECT_EQ(status.sessions.size(), 1u);
  return status.sessions.empty() ? SessionStatus() : status.sessions[0];
}

std::string http_get(const std::string& socket_path, const std::string& target) {
  Descriptor socket = connect_local(socket_path);
  std::string text = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  send_with_descriptors(socket, std::as_bytes(std::span(text)), {});
  text.clear();
  char part[4096];
  for (ssize_t got; (got = ::recv(socket.get(), part, sizeof part, 0)) > 0;)
    text.append(part, static_cast<size_t>(got));
  return text;
}

std::string own_identity() {
  return "uid:" + std::to_string(::getuid());
}

TEST(Serve, StatusAndMetricsSayWhatAGuestDoes) {
  std::string metrics_path = testing::TempDir() + "lineshaft-metrics-" + std::to_string(::getpid());
  ServeProcess server({"--memory", "64M", "--metrics", metrics_path});
  Guest guest(server.address());
  SessionStatus session = session_of(server);
  EXPECT_EQ(session.identity, own_identity());
  EXPECT_EQ(session.device, 0);
  EXPECT_EQ(session.quota, 64 << 20);
  EXPECT_EQ(session.memory, 1 << 20);
  EXPECT_EQ(session.buffers, 1u);
  EXPECT_EQ(session.uploaded, 1u << 20);
  EXPECT_EQ(session.downloaded, 1u << 20);
  EXPECT_GT(session.busy_seconds, 0);

  std::string metrics = http_get(metrics_path, "/metrics");
  for (const std::string& line : {std::string("lineshaft_sessions 1\n"),
                                  "lineshaft_guest_uploaded_bytes_total{guest=\"" + own_identity() + "\"} 1048576\n",
                                  "lineshaft_guest_memory_bytes{guest=\"" + own_identity() + "\"} 1048576\n"})
    EXPECT_NE(metrics.find(line), std::string::npos) << line << metrics;
}

TEST(Serve, AGraphThatRunsAgainSendsNextToNothing) {
  ServeProcess server;
  auto device = first_device(server.address());
  Stream stream(*device, {});
  ProgramBuilder p;
  p.output(p.input(DType::kF32) + 1.0, DType::kF32);
  ProgramRef plus_one = p.finish();
  TensorView x = contiguous_view(stream.create(400), DType::kF32, {100}), total = x;
  total.buffer = stream.create(400);
  std::vector<float> values(100, 0.0f);
  stream.write(x.buffer, 0, values.data(), 400);
  stream.begin_capture();
  for (int i = 0; i < 200; ++i) {
    stream.record(
        Matmul{.a = reshape_to(x, {10, 10}), .b = reshape_to(x, {10, 10}), .output = reshape_to(total, {10, 10})});
    stream.record(Map{plus_one, {&x, 1}, {&x, 1}, {}});
  }
  auto graph = stream.end_capture();
  auto received = [&] {
    stream.read(x.buffer, 0, values.data(), 400);
    return session_of(server).received;
  };
  uint64_t start = received();
  stream.replay(graph);
  uint64_t first = received() - start;
  constexpr int kRuns = 100;
  for (int run = 0; run < kRuns; ++run) stream.replay(graph);
  uint64_t later = received() - start - first;
  EXPECT_EQ(values[0], 200.0f * (kRuns + 1));
  EXPECT_GT(first, 20'000u);
  EXPECT_LT(later / kRuns, 100u);
  stream.forget(graph);
  stream.wait();
}

TEST(Serve, CountsOfGuestsThatHaveLeftAreKept) {
  ServeProcess server;
  for (int i = 0; i < 2; ++i) Guest guest(server.address());
  for (int i = 0; i < 500 && !status_of(server).sessions.empty(); ++i) ::usleep(20'000);
  ServerStatus status = status_of(server);
  EXPECT_TRUE(status.sessions.empty());
  const GuestTotals& totals = status.guests.at(own_identity());
  EXPECT_EQ(totals.served, 2u);
  EXPECT_EQ(totals.failed, 0u);
  EXPECT_EQ(totals.uploaded, 2u << 20);
  EXPECT_EQ(totals.memory, 0);
  EXPECT_GT(status.devices.at(0).busy_seconds, 0);
}

TEST(Serve, TopPrintsTheGuestsAndTheStatusAsItIs) {
  ServeProcess server;
  Guest guest(server.address());
  Ended once = run_lineshaft({"top", "--once", "--socket", server.socket()});
  EXPECT_EQ(once.status, 0);
  for (const std::string& part : {server.address(), std::string("SHARE"), "uid " + std::to_string(::getuid()),
                                  std::string("1.0 MiB of "), std::string("cpu:0")})
    EXPECT_NE(once.output.find(part), std::string::npos) << part << "\n" << once.output;
  Ended json = run_lineshaft({"top", "--json", "--socket", server.socket()});
  auto object = nlohmann::json::parse(json.output);
  EXPECT_EQ(object["sessions"][0]["memory"], 1 << 20);
  EXPECT_EQ(object["devices"][0]["id"], "cpu:0");

  Ended gone = run_lineshaft({"top", "--once", "--socket", server.path("none")});
  EXPECT_EQ(gone.status, 1);
  EXPECT_NE(gone.output.find("none.status"), std::string::npos) << gone.output;
}

TEST(Serve, ADoctorSaysWhatTheServerLendsAndWhatIsWrongWithIt) {
  ServeProcess server({"--memory", "64M"});
  Ended well = run_lineshaft({"doctor"}, {"LINESHAFT_SERVER=" + server.address()});
  EXPECT_NE(well.output.find("[ ok ] server: " + server.address() + ": Lineshaft "), std::string::npos) << well.output;
  EXPECT_NE(well.output.find(", 64.0 MiB"), std::string::npos) << well.output;
  std::string none = "unix:" + server.path("none");
  Ended ill = run_lineshaft({"doctor"}, {"LINESHAFT_SERVER=" + none});
  EXPECT_EQ(ill.status, 1);
  EXPECT_NE(ill.output.find("[ !! ] server: "), std::string::npos) << ill.output;
  EXPECT_NE(ill.output.find("-> LINESHAFT_SERVER=" + none), std::string::npos) << ill.output;
}

TEST(Serve, ReloadsTheGuestsEntriesForSessionsFromThenOn) {
  ServeProcess first;  // only for its folder
  std::string config = first.path("lineshaft.toml");
  write_file(config, "[[guest]]\nidentity = \"" + own_identity() + "\"\nmemory = \"16M\"\nweight = 2\n");
  ServeProcess server({"--config", config});
  Guest before(server.address());
  EXPECT_EQ(session_of(server).quota, 16 << 20);
  EXPECT_EQ(session_of(server).weight, 2);

  write_file(config, "[[guest]]\nidentity = \"" + own_identity() + "\"\nmemory = \"32M\"\nsessions = 2\n");
  server.signal(SIGHUP);
  EXPECT_TRUE(server.logged("again")) << server.log();
  Guest after(server.address());
  ServerStatus status = status_of(server);
  ASSERT_EQ(status.sessions.size(), 2u);
  EXPECT_EQ(status.sessions[0].quota, 16 << 20);
  EXPECT_EQ(status.sessions[1].quota, 32 << 20);
  expect_error("its limit is 2", [&] { Guest third(server.address()); });
  EXPECT_EQ(status_of(server).refused, 1u);

  write_file(config, "[[guest]]\nidentity = \"somebody\"\n");
  server.signal(SIGHUP);
  EXPECT_TRUE(server.logged(config + ":2: guest.identity = ")) << server.log();
  EXPECT_EQ(status_of(server).sessions.size(), 2u);
}

TEST(Serve, SigtermTellsGuestsAndLeavesNothingBehind) {
  ServeProcess server;
  Guest guest(server.address());
  server.signal(SIGTERM);
  EXPECT_TRUE(server.told("STOPPING=1"));
  EXPECT_EQ(server.wait(), 0) << server.log();
  expect_error("shuts down", [&] { guest.read(); });
  EXPECT_NE(::access(server.socket().c_str(), F_OK), 0);
  EXPECT_NE(::access(status_socket_of(server.socket()).c_str(), F_OK), 0);
}

TEST(Serve, AWrongConfigurationOrFlagIsOneLine) {
  ServeProcess other;  // only for its folder
  std::string config = other.path("lineshaft.toml");
  write_file(config, "window = \"1K\"\n");
  Ended wrong = run_lineshaft({"serve", "--config", config, "--socket", other.path("t.sock")});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.output.find(config + ":1: window = "), std::string::npos) << wrong.output;
  EXPECT_NE(run_lineshaft({"serve", "--config", other.path("none")}).output.find(other.path("none")),
            std::string::npos);
  for (const std::vector<std::string>& flags :
       std::vector<std::vector<std::string>>{{"--memory", "lots"}, {"--mode", "9"}, {"--metrics", "nowhere"}}) {
    std::vector<std::string> words = {"serve", "--config", "/dev/null", "--socket", other.path("t.sock")};
    words.insert(words.end(), flags.begin(), flags.end());
    Ended ended = run_lineshaft(words, {"LINESHAFT_DEVICES=cpu"});
    EXPECT_EQ(ended.status, 1);
    EXPECT_NE(ended.output.find(flags[1]), std::string::npos) << ended.output;
  }
}

TEST(Serve, TakesTheServiceManagersSocket) {
  ServeProcess other;  // only for its folder
  std::string path = other.path("activated.sock");
  Descriptor listening = listen_local(path, 0600, "");
  ServeProcess server(Activated{listening.get(), path});
  Guest guest("unix:" + path);
  EXPECT_EQ(parse_status(fetch_status(status_socket_of(path))).listens, std::vector<std::string>{"unix:" + path});
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.log();
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);  // the service manager's still
}

}  // namespace
}  // namespace lineshaft::tests
