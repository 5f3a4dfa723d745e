#include "server/status_server.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "lineshaft/base/error.h"
#include "platform/clock.h"
#include "platform/poll.h"
#include "platform/socket.h"
#include "server/status_json.h"
#include "transport/local_socket.h"
#include "transport/tcp_address.h"

namespace lineshaft {
namespace {

constexpr size_t kClients = 32;
constexpr size_t kRequest = 8192;             // bytes of an HTTP request with its headers
constexpr size_t kStatus = size_t{64} << 20;  // bytes that a status may have
constexpr int64_t kPatience = 2'000'000'000;  // nanoseconds for a request and its answer

HostPort split(const std::string& text) {
  size_t colon = text.rfind(':');
  LS_REQUIRE(colon != std::string::npos && colon + 1 < text.size(), "the metrics' address \"", text,
             "\" is neither HOST:PORT nor the path of a Unix socket; for example 127.0.0.1:9469");
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host.empty() ? "127.0.0.1" : host, text.substr(colon + 1)};
}

// `bound` is the address with the port that the system has chosen for port 0.
Descriptor listen_at_port(const std::string& text, std::string& bound) {
  HostPort address = split(text);
  try {
    Descriptor socket = listen_tcp(resolve(address, true).front());
    std::string there = local_address(socket).text();
    bool six = address.host.find(':') != std::string::npos;
    bound = concat(six ? "[" : "", address.host, six ? "]" : "", there.substr(there.rfind(':')));
    return socket;
  } catch (const Error& error) {
    fail(ErrorCode::kInvalidArgument, "metrics cannot be served at ", text, ": ", error.what());
  }
}

std::string http(const char* status, const char* kind, const std::string& body) {
  return concat("HTTP/1.1 ", status, "\r\nContent-Type: ", kind, "\r\nContent-Length: ", body.size(),
                "\r\nConnection: close\r\n\r\n", body);
}

}  // namespace

StatusServer::StatusServer(std::function<ServerStatus()> status, const StatusOptions& options)
    : status_(std::move(status)), stop_(make_doorbell()) {
  auto listen_at = [&](const std::string& path) {
    Descriptor socket = listen_local(path, options.mode, options.group);
    paths_.push_back(path);
    return socket;
  };
  if (!options.socket.empty()) json_ = listen_at(options.socket);
  if (options.metrics.find('/') != std::string::npos) {
    http_ = listen_at(options.metrics);
    metrics_address_ = options.metrics;
  } else if (!options.metrics.empty()) {
    http_ = listen_at_port(options.metrics, metrics_address_);
  }
  thread_ = std::thread([this] { serve(); });
}

StatusServer::~StatusServer() {
  ring_doorbell(stop_);
  thread_.join();
  std::error_code ignored;
  for (const std::string& path : paths_) std::filesystem::remove(path, ignored);
}

void StatusServer::serve() {
  while (true) {
    int64_t now = now_ns(), next = INT64_MAX;
    bool open = clients_.size() < kClients && now >= resting_until_;
    std::vector<Polled> files = {{stop_.get()}, {open ? json_.get() : -1}, {open ? http_.get() : -1}};
    for (const Client& client : clients_) {
      files.push_back({client.socket.get(), client.out.empty() ? PollEvent::kReadable : PollEvent::kWritable});
      next = std::min(next, client.deadline);
    }
    if (now < resting_until_) next = std::min(next, resting_until_);
    int64_t wait = next == INT64_MAX ? -1 : std::clamp<int64_t>((next - now) / 1'000'000 + 1, 0, 10'000);
    poll_descriptors(files, static_cast<int>(wait));
    if (files[0].ready) return;
    now = now_ns();
    size_t i = 3;
    for (auto client = clients_.begin(); client != clients_.end(); ++i) {
      bool over = now >= client->deadline || (files[i].ready && !go_on(*client));
      client = over ? clients_.erase(client) : std::next(client);
    }
    if (files[1].ready) welcome(json_, false);
    if (files[2].ready) welcome(http_, true);
  }
}

void StatusServer::welcome(const Descriptor& listener, bool http) {
  Descriptor socket;
  try {
    socket = accept_now(listener);
  } catch (const Error&) {
    resting_until_ = now_ns() + 1'000'000'000;
  }
  if (!socket) return;
  Client& client = clients_.emplace_back();
  client.socket = std::move(socket);
  client.deadline = now_ns() + kPatience;
  if (!http) client.out = status_json(status_());
}

bool StatusServer::go_on(Client& client) {
  if (client.out.empty()) {
    std::array<char, 4096> part;
    Transfer got = receive_now(client.socket, part);
    if (got.ended || got.broken) return false;
    if (got.bytes == 0) return true;
    client.in.append(part.data(), got.bytes);
    answer(client);
    return true;
  }
  Transfer sent = send_now(client.socket, std::string_view(client.out).substr(client.sent));
  if (sent.broken) return false;
  client.sent += sent.bytes;
  return client.sent < client.out.size();
}

void StatusServer::answer(Client& client) {
  constexpr const char* kText = "text/plain; charset=utf-8";
  if (client.in.find("\r\n\r\n") == std::string::npos && client.in.find("\n\n") == std::string::npos) {
    if (client.in.size() > kRequest)
      client.out = http("431 Request Header Fields Too Large", kText, concat("at most ", kRequest, " bytes\n"));
    return;
  }
  std::string line = client.in.substr(0, client.in.find_first_of("\r\n"));
  if (!line.starts_with("GET ")) {
    client.out = http("405 Method Not Allowed\r\nAllow: GET", kText, "only GET is served\n");
    return;
  }
  std::string path = line.substr(4);
  path.resize(std::min(path.size(), path.find_first_of("? ")));
  if (path == "/metrics")
    client.out = http("200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics_text(status_()));
  else if (path == "/status")
    client.out = http("200 OK", "application/json", status_json(status_()));
  else
    client.out = http("404 Not Found", kText, "there are /metrics and /status\n");
}

std::string fetch_status(const std::string& path) {
  Descriptor socket = connect_local(path);
  std::string text;
  int64_t deadline = now_ns() + kPatience;
  while (true) {
    Polled file{socket.get()};
    int64_t left = (deadline - now_ns()) / 1'000'000;
    std::array<char, 65536> part;
    Transfer got;
    if (left > 0 && poll_descriptors({&file, 1}, static_cast<int>(left)) > 0) got = receive_now(socket, part);
    if (got.ended) return text;
    if (got.bytes == 0 || text.size() > kStatus)
      fail(ErrorCode::kDeviceLost, "the server behind ", path, " does not say how it is within ",
           kPatience / 1'000'000'000, " s; its log may say more");
    text.append(part.data(), got.bytes);
  }
}

}  // namespace lineshaft
