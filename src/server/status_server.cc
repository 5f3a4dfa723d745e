#include "server/status_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "lineshaft/base/error.h"
#include "platform/clock.h"
#include "server/status_json.h"
#include "transport/local_socket.h"

namespace lineshaft {
namespace {

constexpr size_t kClients = 32;
constexpr size_t kRequest = 8192;             // bytes of an HTTP request with its headers
constexpr size_t kStatus = size_t{64} << 20;  // bytes that a status may have
constexpr int64_t kPatience = 2'000'000'000;  // nanoseconds for a request and its answer

struct Address {
  std::string host, port;
};

Address split(const std::string& text) {
  size_t colon = text.rfind(':');
  LS_REQUIRE(colon != std::string::npos && colon + 1 < text.size(), "the metrics' address \"", text,
             "\" is neither HOST:PORT nor the path of a Unix socket; for example 127.0.0.1:9469");
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host.empty() ? "127.0.0.1" : host, text.substr(colon + 1)};
}

std::string bound_address(const Descriptor& socket, const std::string& host) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  bool six = address.ss_family == AF_INET6;
  int port = ntohs(six ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                       : reinterpret_cast<sockaddr_in&>(address).sin_port);
  return concat(six ? "[" : "", host, six ? "]:" : ":", port);
}

Descriptor listen_tcp(const std::string& text, std::string& bound) {
  Address address = split(text);
  addrinfo hints{.ai_flags = AI_PASSIVE, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  int error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  LS_REQUIRE(error == 0, "the metrics' address ", text, " is none: ", ::gai_strerror(error));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, ::freeaddrinfo);
  Descriptor socket(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  LS_REQUIRE(socket && ::bind(socket.get(), list->ai_addr, list->ai_addrlen) == 0 && ::listen(socket.get(), 16) == 0,
             "metrics cannot be served at ", text, ": ", system_error());
  bound = bound_address(socket, address.host);
  return socket;
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
    http_ = listen_tcp(options.metrics, metrics_address_);
  }
  thread_ = std::thread([this] { serve(); });
}

StatusServer::~StatusServer() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
  for (const std::string& path : paths_) ::unlink(path.c_str());
}

void StatusServer::serve() {
  while (true) {
    int64_t now = now_ns(), next = INT64_MAX;
    bool open = clients_.size() < kClients && now >= resting_until_;
    std::vector<pollfd> files = {
        {stop_.get(), POLLIN, 0}, {open ? json_.get() : -1, POLLIN, 0}, {open ? http_.get() : -1, POLLIN, 0}};
    for (const Client& client : clients_) {
      files.push_back({client.socket.get(), static_cast<short>(client.out.empty() ? POLLIN : POLLOUT), 0});
      next = std::min(next, client.deadline);
    }
    if (now < resting_until_) next = std::min(next, resting_until_);
    int64_t wait = next == INT64_MAX ? -1 : std::clamp<int64_t>((next - now) / 1'000'000 + 1, 0, 10'000);
    ::poll(files.data(), files.size(), static_cast<int>(wait));
    if (files[0].revents) return;
    now = now_ns();
    size_t i = 3;
    for (auto client = clients_.begin(); client != clients_.end(); ++i) {
      bool over = now >= client->deadline || (files[i].revents && !go_on(*client));
      client = over ? clients_.erase(client) : std::next(client);
    }
    if (files[1].revents) welcome(json_, false);
    if (files[2].revents) welcome(http_, true);
  }
}

void StatusServer::welcome(const Descriptor& listener, bool http) {
  Descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
      resting_until_ = now_ns() + 1'000'000'000;
    return;
  }
  Client& client = clients_.emplace_back();
  client.socket = std::move(socket);
  client.deadline = now_ns() + kPatience;
  if (!http) client.out = status_json(status_());
}

bool StatusServer::go_on(Client& client) {
  if (client.out.empty()) {
    std::array<char, 4096> part;
    ssize_t got = ::recv(client.socket.get(), part.data(), part.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) return false;
    client.in.append(part.data(), static_cast<size_t>(got));
    answer(client);
    return true;
  }
  ssize_t sent =
      ::send(client.socket.get(), client.out.data() + client.sent, client.out.size() - client.sent, MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  client.sent += static_cast<size_t>(sent);
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
    pollfd file{socket.get(), POLLIN, 0};
    int64_t left = (deadline - now_ns()) / 1'000'000;
    std::array<char, 65536> part;
    ssize_t got = left > 0 && ::poll(&file, 1, static_cast<int>(left)) > 0
                      ? ::recv(socket.get(), part.data(), part.size(), 0)
                      : -1;
    if (got == 0) return text;
    if (got < 0 || text.size() > kStatus)
      fail(ErrorCode::kDeviceLost, "the server behind ", path, " does not say how it is within ",
           kPatience / 1'000'000'000, " s; its log may say more");
    text.append(part.data(), static_cast<size_t>(got));
  }
}

}  // namespace lineshaft
