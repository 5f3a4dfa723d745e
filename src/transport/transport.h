// Transports: ways to reach a server. Each is one file and one line in transports.def. An address begins with the
// scheme of its transport: unix:/run/lineshaft/lineshaft.sock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/command_export.h"
#include "platform/descriptor.h"
#include "transport/connection.h"

namespace lineshaft {

// Who connects, according to the kernel or to the keys of the transport.
struct Peer {
  std::string identity;  // "uid:1000", "cid:3", "cert:alice": quotas and weights are set for it
  std::string text;      // for logs: "uid 1000, pid 4242"
};

// A guest that wants to connect, with all that another process needs to make a connection of it.
struct Arrival {
  Peer peer;
  std::string transport;  // the scheme of the transport
  std::vector<Descriptor> descriptors;
  bool proven = true;   // false: its identity is known only after adopt(), from Connection::identity()
  std::string refusal;  // why it is refused, independent of its identity; empty: it is not
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual std::string address() const = 0;
  virtual int descriptor() const = 0;  // readable when a guest wants to connect
  // The next guest that wants to connect; nothing where there is none. Throws Error(kOutOfMemory) where the system has
  // no descriptors or memory for it; the guest then stays pending.
  virtual std::optional<Arrival> accept() = 0;
  // Refuses a guest, with a line of text that the guest can show.
  virtual void refuse(Arrival arrival, std::string_view reason) noexcept = 0;
};

struct ListenOptions {
  int mode = 0666;                          // unix: permissions of the socket
  std::string group;                        // unix: the group that owns the socket; empty: not changed
  std::string certificate, key, authority;  // tcp: files
};

struct AdoptOptions {
  size_t window = size_t{64} << 20;  // bytes of shared memory
  std::string certificate, key, authority;
  std::chrono::milliseconds handshake{10'000};  // time limit for the handshake
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual std::string_view scheme() const = 0;  // "unix"
  // Makes the guest's end. Throws Error(kDeviceLost), with advice, where no server is there, or it refuses.
  virtual std::unique_ptr<Connection> connect(std::string_view address) = 0;
  // Listens at the address, for the broker. Throws Error(kInvalidArgument) where that is not possible.
  virtual std::unique_ptr<Listener> listen(std::string_view address, const ListenOptions& options) = 0;
  // Makes the server's end of the connection, in the worker process that serves the guest.
  virtual std::unique_ptr<Connection> adopt(Arrival arrival, const AdoptOptions& options) = 0;
};

// An address without its scheme, and the transport that the scheme names. parse_endpoint throws
// Error(kInvalidArgument), with a list of all schemes, for an unknown one.
struct Endpoint {
  Transport* transport = nullptr;
  std::string address;
};
Endpoint parse_endpoint(std::string_view text);

// A listener for a Unix socket that listens already, from a service manager. The listener does not remove the socket's
// file. Throws Error(kInvalidArgument) for any other descriptor.
std::unique_ptr<Listener> listen_inherited(Descriptor socket);

// The paths of sockets at which a server listens by default and a guest looks for one, the most likely first.
LINESHAFT_COMMAND_EXPORT std::vector<std::string> well_known_sockets();

}  // namespace lineshaft
