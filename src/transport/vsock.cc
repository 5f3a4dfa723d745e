// vsock:CID:PORT: between a virtual machine and its host, without a network. The hypervisor vouches for who connects.
#include <linux/vm_sockets.h>  // after sys/socket.h
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "lineshaft/base/error.h"
#include "transport/accept.h"
#include "transport/stream_socket.h"
#include "transport/transport.h"

namespace lineshaft {
namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* kForm =
    " is not CID:PORT; for example 2:7461 in a virtual machine (2 is its host), any:7461 to listen";

std::optional<uint32_t> number_of(std::string_view text) {
  uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

sockaddr_vm parse_address(std::string_view text) {
  size_t colon = text.find(':');
  std::string_view cid = text.substr(0, colon);
  auto port = number_of(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  auto number = cid == "any" ? std::optional<uint32_t>(VMADDR_CID_ANY) : number_of(cid);
  LS_REQUIRE(port && number, "the vsock address \"", text, "\"", kForm);
  sockaddr_vm address{};
  address.svm_family = AF_VSOCK;
  address.svm_cid = *number;
  address.svm_port = *port == 0 ? VMADDR_PORT_ANY : *port;
  return address;
}

std::string text_of(const sockaddr_vm& address) {
  std::string cid = address.svm_cid == VMADDR_CID_ANY ? "any" : std::to_string(address.svm_cid);
  return concat("vsock:", cid, ":", address.svm_port);
}

Descriptor make_socket(ErrorCode code) {
  bool device = ::access("/dev/vsock", F_OK) == 0;
  Descriptor socket(::socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket)
    fail(code, "there is no vsock here (", system_error(), device ? "" : ", /dev/vsock is missing",
         "); on a host: modprobe vhost_vsock; in a virtual machine: modprobe vmw_vsock_virtio_transport, and give the "
         "machine the device vhost-vsock-pci,guest-cid=3");
  return socket;
}

std::string vsock_remedy(int error) {
  switch (error) {
    case ENODEV:
    case EADDRNOTAVAIL:
      return "this machine has no vsock device; give it vhost-vsock-pci,guest-cid=3, or modprobe vhost_vsock on a host";
    case ECONNRESET:
    case ECONNREFUSED:
      return "no server listens there; start `lineshaft serve --vsock PORT` on the host";
    default:
      return "check the CID; 2 is a virtual machine's host";
  }
}

class VsockListener final : public Listener {
 public:
  explicit VsockListener(std::string_view text) : socket_(make_socket(ErrorCode::kInvalidArgument)) {
    sockaddr_vm address = parse_address(text);
    LS_REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                   ::listen(socket_.get(), 64) == 0,
               "vsock:", text, " cannot be listened on: ", system_error());
  }

  std::string address() const override {
    sockaddr_vm address{};
    socklen_t size = sizeof address;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return text_of(address);
  }
  int descriptor() const override { return socket_.get(); }

  std::optional<Arrival> accept() override {
    sockaddr_vm peer{};
    socklen_t size = sizeof peer;
    Descriptor socket = accept_connection(socket_, reinterpret_cast<sockaddr*>(&peer), &size);
    if (!socket) return std::nullopt;
    Arrival arrival{{concat("cid:", peer.svm_cid), concat("cid ", peer.svm_cid, ", port ", peer.svm_port)}, "vsock"};
    arrival.descriptors.push_back(std::move(socket));
    return arrival;
  }

  void refuse(Arrival arrival, std::string_view reason) noexcept override {
    refuse_stream(arrival.descriptors[0], reason);
  }

 private:
  Descriptor socket_;
};

class VsockTransport final : public Transport {
 public:
  std::string_view scheme() const override { return "vsock"; }

  std::unique_ptr<Connection> connect(std::string_view text) override {
    sockaddr_vm address = parse_address(text);
    LS_REQUIRE(address.svm_cid != VMADDR_CID_ANY, "the vsock address \"", text, "\"", kForm);
    Descriptor socket = make_socket(ErrorCode::kDeviceLost);
    Deadline deadline = Clock::now() + kConnectTimeout;
    int error = 0;
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) error = errno;
    if (error == EINPROGRESS || error == EINTR) {
      socklen_t size = sizeof error;
      if (!wait_for(socket, POLLOUT, &deadline))
        error = ETIMEDOUT;
      else
        ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error != 0)
      fail(ErrorCode::kDeviceLost, "the server at vsock:", text, " cannot be reached (", std::strerror(error),
           "): ", vsock_remedy(error));
    return connect_plain(StreamSocket(std::move(socket)), concat("vsock:", text), deadline);
  }

  std::unique_ptr<Listener> listen(std::string_view address, const ListenOptions&) override {
    return std::make_unique<VsockListener>(address);
  }

  std::unique_ptr<Connection> adopt(Arrival arrival, const AdoptOptions& options) override {
    return adopt_plain(StreamSocket(std::move(arrival.descriptors.at(0))), Clock::now() + options.handshake);
  }
};

}  // namespace

std::unique_ptr<Transport> vsock_transport() {
  return std::make_unique<VsockTransport>();
}

}  // namespace lineshaft
