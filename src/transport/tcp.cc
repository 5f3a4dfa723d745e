// tcp://HOST:PORT: with TLS where there are certificates. Without, only between programs of one machine.
#include <netinet/in.h>
#include <sys/socket.h>

#include "lineshaft/base/error.h"
#include "platform/environment.h"
#include "transport/accept.h"
#include "transport/tcp_address.h"
#include "transport/tls.h"
#include "transport/tls_context.h"
#include "transport/transport.h"

namespace lineshaft {
namespace {

using Clock = std::chrono::steady_clock;

class TcpListener final : public Listener {
 public:
  TcpListener(const SocketAddress& address, bool tls) : tls_(tls), socket_(listen_tcp(address)) {}

  std::string address() const override { return "tcp://" + local_address(socket_).text(); }
  int descriptor() const override { return socket_.get(); }

  std::optional<Arrival> accept() override {
    SocketAddress peer;
    peer.size = sizeof peer.storage;
    Descriptor socket = accept_connection(socket_, peer.get(), &peer.size);
    if (!socket) return std::nullopt;
    set_tcp_options(socket);
    Arrival arrival{.peer = {"address:" + peer.host(), peer.text()}, .transport = "tcp", .proven = !tls_};
    if (!tls_ && !peer.loopback())
      arrival.refusal = concat("it comes from ", peer.host(),
                               " without TLS; a server without certificates takes guests of its own machine only");
    arrival.descriptors.push_back(std::move(socket));
    return arrival;
  }

  void refuse(Arrival arrival, std::string_view reason) noexcept override {
    refuse_stream(arrival.descriptors[0], reason);
  }

 private:
  bool tls_;
  Descriptor socket_;
};

class TcpTransport final : public Transport {
 public:
  std::string_view scheme() const override { return "tcp"; }

  std::unique_ptr<Connection> connect(std::string_view address) override {
    HostPort name = parse_host_port(address);
    Deadline deadline = Clock::now() + kConnectTimeout;
    auto addresses = resolve(name, false);
    auto files = find_tls_files(TlsRole::kGuest, environment("LINESHAFT_TLS").value_or(""));
    for (const SocketAddress& each : addresses)
      LS_REQUIRE(files || each.loopback(), "tcp://", address, " is another machine (", each.host(),
                 "), and without certificates nothing is sent there; `lineshaft cert guest NAME` on the server makes a "
                 "folder to copy here, LINESHAFT_TLS=FOLDER names it");
    std::string server = concat("tcp://", address);
    StreamSocket socket(connect_tcp(addresses, std::string(address), deadline));
    if (files) return connect_tls(std::move(socket), *files, name.host, server, deadline);
    return connect_plain(std::move(socket), server, deadline);
  }

  std::unique_ptr<Listener> listen(std::string_view address, const ListenOptions& options) override {
    SocketAddress at = resolve(parse_host_port(address), true).front();
    bool tls = !options.certificate.empty();
    LS_REQUIRE(tls || at.loopback(), "tcp://", address,
               " is reached from other machines, and there are no certificates; make them with `lineshaft cert init` "
               "and `lineshaft cert server HOST`, or listen on 127.0.0.1");
    if (tls) check_tls_files(TlsRole::kServer, {options.certificate, options.key, options.authority});
    return std::make_unique<TcpListener>(at, tls);
  }

  std::unique_ptr<Connection> adopt(Arrival arrival, const AdoptOptions& options) override {
    StreamSocket socket(std::move(arrival.descriptors.at(0)));
    Deadline deadline = Clock::now() + options.handshake;
    if (options.certificate.empty()) return adopt_plain(std::move(socket), deadline);
    return adopt_tls(std::move(socket), {options.certificate, options.key, options.authority}, deadline);
  }
};

}  // namespace

std::unique_ptr<Transport> tcp_transport() {
  return std::make_unique<TcpTransport>();
}

}  // namespace lineshaft
