// Transports: ways to reach a server. Each is one file with one line in transports.def; an address names it first:
// unix:/run/lineshaft/lineshaft.sock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/command_export.h"
#include "platform/descriptor.h"
#include "transport/connection.h"

namespace lineshaft {

// Who connects, as the kernel or the transport's own keys say.
struct Peer {
  std::string identity;  // "uid:1000", "cid:3", "cert:alice": what quotas and weights go by
  std::string text;      // for logs: "uid 1000, pid 4242"
};

// A guest at the door: what it takes to make a connection of it in another process.
struct Arrival {
  Peer peer;
  std::string transport;  // its scheme
  std::vector<Descriptor> descriptors;
  bool proven = true;   // false: who it is shows once it is adopted, by Connection::identity()
  std::string refusal;  // why it may not come in, whoever it is; empty: it may
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual std::string address() const = 0;
  virtual int descriptor() const = 0;  // readable when somebody is at the door
  // The guest at the door; nothing where nobody is. Throws Error(kOutOfMemory) where the system has no descriptors or
  // memory to let it in: it is then still there.
  virtual std::optional<Arrival> accept() = 0;
  // Turns a guest away with a line that it can show.
  virtual void refuse(Arrival arrival, std::string_view reason) noexcept = 0;
};

struct ListenOptions {
  int mode = 0666;                          // unix: of the socket
  std::string group;                        // unix: that owns the socket; empty leaves it
  std::string certificate, key, authority;  // tcp: files
};

struct AdoptOptions {
  size_t window = size_t{64} << 20;  // bytes of shared memory
  std::string certificate, key, authority;
  std::chrono::milliseconds handshake{10'000};  // that a guest has to begin as it should
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual std::string_view scheme() const = 0;  // "unix"
  // The guest's end. Throws Error(kDeviceLost) with what to do where there is no server, or it refuses.
  virtual std::unique_ptr<Connection> connect(std::string_view address) = 0;
  // Throws Error(kInvalidArgument) where the address cannot be listened on.
  virtual std::unique_ptr<Listener> listen(std::string_view address, const ListenOptions& options) = 0;
  // The server's end of an arrival, in the process that serves it.
  virtual std::unique_ptr<Connection> adopt(Arrival arrival, const AdoptOptions& options) = 0;
};

// An address without its scheme, and the transport that the scheme names. Throws Error(kInvalidArgument) listing the
// schemes that there are.
struct Endpoint {
  Transport* transport = nullptr;
  std::string address;
};
Endpoint parse_endpoint(std::string_view text);

// A Unix socket that listens already, as a service manager hands it over; its file stays when the listener goes. Throws
// Error(kInvalidArgument) for any other descriptor.
std::unique_ptr<Listener> listen_inherited(Descriptor socket);

// The sockets that a server has unless told otherwise and where a guest looks, most likely first.
LINESHAFT_COMMAND_EXPORT std::vector<std::string> well_known_sockets();

}  // namespace lineshaft
