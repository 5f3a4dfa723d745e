#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "lineshaft/base/error.h"
#include "server/status_json.h"
#include "server/status_server.h"
#include "transport/local_socket.h"

namespace lineshaft {
namespace {

ServerStatus sample() {
  ServerStatus status{.release = "1.2.3", .listens = {"unix:/run/a.sock"}, .time = 12.5};
  status.devices = {{.id = "cpu:0", .name = "A \"CPU\"", .memory = 1 << 30, .used = 4096, .busy_seconds = 1.5}};
  status.sessions = {{.number = 7, .peer = "uid 5", .identity = "uid:5", .device = 0, .state = SessionState::kWaiting}};
  status.sessions[0].operations = ~uint64_t{0};
  status.guests["uid:5"] = {.sessions = 1, .served = 3, .operations = 99};
  status.served = 3;
  return status;
}

TEST(Status, JsonIsReadBack) {
  ServerStatus status = parse_status(status_json(sample()));
  EXPECT_EQ(status.release, "1.2.3");
  EXPECT_EQ(status.devices[0].name, "A \"CPU\"");
  EXPECT_EQ(status.sessions[0].state, SessionState::kWaiting);
  EXPECT_EQ(status.sessions[0].operations, ~uint64_t{0});
  EXPECT_EQ(status.guests.at("uid:5").served, 3u);
}

TEST(Status, WhatIsNoStatusIsAnError) {
  for (const char* text : {"", "{", "[]", "{\"release\": 3}", "{\"release\": \"1\"}"})
    EXPECT_THROW(parse_status(text), Error) << text;
}

TEST(Status, NamesThatAreNoUtf8AreReplaced) {
  ServerStatus status = sample();
  status.sessions[0].peer = "cert \xff";
  EXPECT_EQ(parse_status(status_json(status)).sessions[0].peer, "cert \xEF\xBF\xBD");
}

TEST(Metrics, LabelsAreEscapedAndEachMetricIsDescribed) {
  std::string text = metrics_text(sample());
  EXPECT_NE(text.find("lineshaft_device_busy_seconds_total{device=\"cpu:0\",name=\"A \\\"CPU\\\"\"} 1.5\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("# TYPE lineshaft_guest_operations_total counter\n"
                      "lineshaft_guest_operations_total{guest=\"uid:5\"} 99\n"),
            std::string::npos)
      << text;
}

// A status server on sockets of its own.
class StatusServerTest : public testing::Test {
 protected:
  std::string folder_ = testing::TempDir() + "status" + std::to_string(::getpid());
  std::string json_ = folder_ + ".status", http_ = folder_ + ".metrics";
  StatusServer server_{sample, {.socket = json_, .metrics = http_}};

  // Everything that the HTTP socket answers to `request`.
  std::string ask(const std::string& request) {
    Descriptor socket = connect_local(http_);
    send_with_descriptors(socket, std::as_bytes(std::span(request)), {});
    return rest_of(socket);
  }
  static std::string rest_of(const Descriptor& socket) {
    std::string all;
    char part[4096];
    while (ssize_t got = ::recv(socket.get(), part, sizeof part, 0)) {
      if (got < 0) break;
      all.append(part, static_cast<size_t>(got));
    }
    return all;
  }
};

TEST_F(StatusServerTest, TheStatusSocketGivesOneObjectToItsOwnerOnly) {
  EXPECT_EQ(parse_status(fetch_status(json_)).served, 3u);
  struct stat file {};
  ASSERT_EQ(::stat(json_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(StatusServerTest, HttpAnswersWhatThereIsAndRefusesTheRest) {
  std::string metrics = ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(metrics.starts_with("HTTP/1.1 200 OK\r\n")) << metrics;
  EXPECT_NE(metrics.find("lineshaft_sessions_served_total 3\n"), std::string::npos);
  size_t body = metrics.find("\r\n\r\n") + 4;
  EXPECT_NE(metrics.find("Content-Length: " + std::to_string(metrics.size() - body)), std::string::npos);
  EXPECT_NE(ask("GET /status?x=1 HTTP/1.0\r\n\r\n").find("\"release\":\"1.2.3\""), std::string::npos);
  EXPECT_TRUE(ask("GET /other HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(ask("GET \n\n").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(ask("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
  EXPECT_TRUE(ask("\r\n\r\n").starts_with("HTTP/1.1 405"));
  EXPECT_TRUE(ask("GET /" + std::string(9000, 'x')).starts_with("HTTP/1.1 431"));
}

TEST_F(StatusServerTest, WhoSaysNothingIsLeftAndKeepsNobodyWaiting) {
  std::vector<Descriptor> silent;
  for (int i = 0; i < 40; ++i) silent.push_back(connect_local(http_));
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(rest_of(silent[0]), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  for (Descriptor& socket : silent) socket.reset();
  EXPECT_TRUE(ask("GET /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST(StatusServerAddress, TcpIsOnLoopbackUnlessAHostIsNamed) {
  StatusServer server(sample, {.metrics = ":0"});
  EXPECT_TRUE(server.metrics_address().starts_with("127.0.0.1:")) << server.metrics_address();
  EXPECT_NE(server.metrics_address(), "127.0.0.1:0");
  for (const char* wrong : {"9469", "host:", "127.0.0.1:none"})
    EXPECT_THROW(StatusServer(sample, {.metrics = wrong}), Error) << wrong;
}

}  // namespace
}  // namespace lineshaft
