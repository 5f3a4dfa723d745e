// Serves the server's status on a thread of its own: on a Unix socket, where each connection gets one JSON object and
// is closed, and over HTTP as metrics (GET /metrics) and as the same object (GET /status).
#pragma once

#include <functional>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "base/command_export.h"
#include "platform/descriptor.h"
#include "server/status.h"

namespace lineshaft {

struct StatusOptions {
  std::string socket;   // path of the status socket
  std::string metrics;  // "HOST:PORT", "[IPV6]:PORT", ":PORT" (on 127.0.0.1), the path of a Unix socket, or empty
  int mode = 0600;      // permissions of Unix sockets
  std::string group;    // the group that owns them; empty: not changed
};

class LINESHAFT_COMMAND_EXPORT StatusServer {
 public:
  // `status` is called on the thread. Throws Error(kInvalidArgument) where it cannot listen at an address.
  StatusServer(std::function<ServerStatus()> status, const StatusOptions& options);
  ~StatusServer();

  // The address of the metrics; port 0 is replaced by the port that the system has chosen. Empty without metrics.
  const std::string& metrics_address() const { return metrics_address_; }

 private:
  struct Client {
    Descriptor socket;
    std::string in, out;
    size_t sent = 0;
    int64_t deadline = 0;  // for the whole exchange
  };
  void serve();
  void welcome(const Descriptor& listener, bool http);
  bool go_on(Client& client);  // continues the exchange; false once it has ended
  void answer(Client& client);

  std::function<ServerStatus()> status_;
  std::vector<std::string> paths_;  // files that the destructor removes
  Descriptor stop_, json_, http_;
  std::string metrics_address_;
  std::list<Client> clients_;
  int64_t resting_until_ = 0;  // no client is accepted before this time, because there were no descriptors left
  std::thread thread_;
};

// The status socket of a server that listens at `path`.
inline std::string status_socket_of(const std::string& path) {
  return path + ".status";
}

// Reads the JSON object from a status socket. Throws Error(kDeviceLost) where no server answers within two seconds.
LINESHAFT_COMMAND_EXPORT std::string fetch_status(const std::string& path);

}  // namespace lineshaft
