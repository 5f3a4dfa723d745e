// unix:PATH: a Unix socket over which the server hands out sealed shared memory and two eventfds. After that the socket
// only tells each side when the other is gone.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "lineshaft/base/error.h"
#include "transport/accept.h"
#include "transport/local_socket.h"
#include "transport/ring_connection.h"
#include "transport/transport.h"

namespace lineshaft {
namespace {

// The first bytes that the server sends; their form stays as it is in every version.
struct Greeting {
  char magic[8] = {'L', 'S', 'R', 'I', 'N', 'G', '\r', '\n'};
  uint32_t layout = RingLayout::kVersion;
  uint32_t refusal = 0;  // bytes of a text that follows; 0: memory and doorbells come with the greeting
  uint64_t size = 0;     // of the shared memory
};

class EventDoorbell final : public Doorbell {
 public:
  EventDoorbell(Descriptor socket, Descriptor own, Descriptor others)
      : socket_(std::move(socket)), own_(std::move(own)), others_(std::move(others)) {}

  void ring() noexcept override { ring_doorbell(others_); }

  bool wait(std::chrono::milliseconds timeout) override {
    std::array<pollfd, 2> files{{{own_.get(), POLLIN, 0}, {socket_.get(), POLLIN | POLLRDHUP, 0}}};
    int ready = ::poll(files.data(), files.size(), static_cast<int>(timeout.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) return true;
    if (files[0].revents & POLLIN) {
      uint64_t count;
      [[maybe_unused]] ssize_t read = ::read(own_.get(), &count, sizeof count);
    }
    return files[1].revents == 0;  // nothing is sent over it: whatever happens there is the end
  }

  bool alive() override {
    pollfd file{socket_.get(), POLLIN | POLLRDHUP, 0};
    return ::poll(&file, 1, 0) == 0;
  }

  int watch_descriptor() const override { return socket_.get(); }
  void close() noexcept override { ::shutdown(socket_.get(), SHUT_RDWR); }

 private:
  Descriptor socket_, own_, others_;
};

// Holds the memory as long as the connection.
class MappedConnection final : public Connection {
 public:
  MappedConnection(Mapping memory, Side side, std::unique_ptr<Doorbell> doorbell)
      : memory_(std::move(memory)), ring_(make_ring_connection(memory_.bytes(), side, std::move(doorbell))) {}
  ~MappedConnection() override { ring_->close(); }
  void send(std::span<const std::byte> bytes) override { ring_->send(bytes); }
  size_t receive(std::span<std::byte> bytes, std::chrono::milliseconds timeout) override {
    return ring_->receive(bytes, timeout);
  }
  std::span<std::byte> window() override { return ring_->window(); }
  int watch_descriptor() const override { return ring_->watch_descriptor(); }
  void close() noexcept override { ring_->close(); }

 private:
  Mapping memory_;
  std::unique_ptr<Connection> ring_;
};

class UnixListener final : public Listener {
 public:
  UnixListener(std::string path, const ListenOptions& options)
      : path_(std::move(path)), socket_(listen_local(path_, options.mode, options.group)), own_(true) {}
  UnixListener(std::string path, Descriptor socket) : path_(std::move(path)), socket_(std::move(socket)) {}
  ~UnixListener() override {
    if (own_) ::unlink(path_.c_str());
  }

  std::string address() const override { return "unix:" + path_; }
  int descriptor() const override { return socket_.get(); }

  std::optional<Arrival> accept() override {
    Descriptor socket = accept_connection(socket_);
    if (!socket) return std::nullopt;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    Arrival arrival{{concat("uid:", peer.uid), concat("uid ", peer.uid, ", pid ", peer.pid)}, "unix", {}};
    arrival.descriptors.push_back(std::move(socket));
    return arrival;
  }

  void refuse(Arrival arrival, std::string_view reason) noexcept override {
    Greeting greeting{.refusal = static_cast<uint32_t>(reason.size())};
    send_with_descriptors(arrival.descriptors[0], std::as_bytes(std::span(&greeting, 1)), {});
    send_with_descriptors(arrival.descriptors[0], std::as_bytes(std::span(reason)), {});
  }

 private:
  std::string path_;
  Descriptor socket_;
  bool own_ = false;  // the file goes with the listener
};

[[noreturn]] void refused(const Descriptor& socket, uint32_t size) {
  constexpr uint32_t kLimit = 4096;
  std::string reason(std::min(size, kLimit), '\0');
  std::vector<Descriptor> none;
  if (!receive_with_descriptors(socket, std::as_writable_bytes(std::span(reason)), none)) reason = "no reason is given";
  fail(ErrorCode::kDeviceLost, "the server refuses: ", reason);
}

class UnixTransport final : public Transport {
 public:
  std::string_view scheme() const override { return "unix"; }

  std::unique_ptr<Connection> connect(std::string_view address) override {
    std::string path(address);
    Descriptor socket = connect_local(path);
    Greeting greeting, ours;
    std::vector<Descriptor> files;
    if (!receive_with_descriptors(socket, std::as_writable_bytes(std::span(&greeting, 1)), files))
      fail(ErrorCode::kDeviceLost, "the server at ", path, " closes the connection before it begins; its log says why");
    if (std::memcmp(greeting.magic, ours.magic, sizeof ours.magic) != 0)
      fail(ErrorCode::kProtocol, "what listens at ", path, " is no Lineshaft server");
    if (greeting.refusal) refused(socket, greeting.refusal);
    if (greeting.layout != ours.layout)
      fail(ErrorCode::kProtocol, "the server at ", path, " lays out shared memory in version ", greeting.layout,
           ", this Lineshaft in version ", ours.layout, "; install the same release on both sides");
    if (files.size() != 3 || greeting.size < RingLayout::kLeast)
      fail(ErrorCode::kProtocol, "the server at ", path, " sends ", files.size(), " descriptors and ", greeting.size,
           " bytes of memory; expected are 3 and at least ", RingLayout::kLeast);
    require_sealed(files[0], greeting.size);
    Mapping memory(files[0], greeting.size);
    auto bell = std::make_unique<EventDoorbell>(std::move(socket), std::move(files[2]), std::move(files[1]));
    return std::make_unique<MappedConnection>(std::move(memory), Side::kGuest, std::move(bell));
  }

  std::unique_ptr<Listener> listen(std::string_view address, const ListenOptions& options) override {
    return std::make_unique<UnixListener>(std::string(address), options);
  }

  std::unique_ptr<Connection> adopt(Arrival arrival, const AdoptOptions& options) override {
    Greeting greeting{.size = RingLayout::kLeast + options.window};
    Descriptor memory = make_shared_memory("lineshaft", greeting.size);
    Descriptor servers = make_doorbell(), guests = make_doorbell();
    Mapping mapped(memory, greeting.size);
    std::array<int, 3> files{memory.get(), servers.get(), guests.get()};
    if (!send_with_descriptors(arrival.descriptors.at(0), std::as_bytes(std::span(&greeting, 1)), files))
      fail(ErrorCode::kDeviceLost, "the guest has left before the connection began");
    auto bell =
        std::make_unique<EventDoorbell>(std::move(arrival.descriptors[0]), std::move(servers), std::move(guests));
    return std::make_unique<MappedConnection>(std::move(mapped), Side::kServer, std::move(bell));
  }
};

}  // namespace

std::unique_ptr<Listener> listen_inherited(Descriptor socket) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  int listens = 0;
  socklen_t listens_size = sizeof listens;
  bool known = ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
               ::getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) == 0;
  LS_REQUIRE(known && address.sun_family == AF_UNIX && listens && address.sun_path[0], "descriptor ", socket.get(),
             ", which the service manager hands over, is no Unix socket that listens at a path; the socket unit takes "
             "ListenStream=/run/lineshaft/lineshaft.sock, other listeners stand in the configuration file");
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  std::string path(address.sun_path, ::strnlen(address.sun_path, sizeof address.sun_path));
  return std::make_unique<UnixListener>(std::move(path), std::move(socket));
}

std::unique_ptr<Transport> unix_socket_transport() {
  return std::make_unique<UnixTransport>();
}

}  // namespace lineshaft
