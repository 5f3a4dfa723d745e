// Answers who asks how the server is, on a thread of its own: on a Unix socket with one JSON object and the end of the
// connection, and over HTTP with metrics (GET /metrics) and the same object (GET /status).
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
  std::string metrics;  // "HOST:PORT", "[IPV6]:PORT", ":PORT" (on 127.0.0.1) or the path of a Unix socket; or empty
  int mode = 0600;      // permissions of Unix sockets
  std::string group;    // that owns them; empty leaves it
};

class LINESHAFT_COMMAND_EXPORT StatusServer {
 public:
  // `status` is called from the thread. Throws Error(kInvalidArgument) where an address cannot be listened on.
  StatusServer(std::function<ServerStatus()> status, const StatusOptions& options);
  ~StatusServer();

  // With the port that the system has chosen for port 0; empty where metrics are served nowhere.
  const std::string& metrics_address() const { return metrics_address_; }

 private:
  struct Client {
    Descriptor socket;
    std::string in, out;
    size_t sent = 0;
    int64_t deadline = 0;  // for all of it
  };
  void serve();
  void welcome(const Descriptor& listener, bool http);
  bool go_on(Client& client);  // false once it is over
  void answer(Client& client);

  std::function<ServerStatus()> status_;
  std::vector<std::string> paths_;  // to remove in the end
  Descriptor stop_, json_, http_;
  std::string metrics_address_;
  std::list<Client> clients_;
  int64_t resting_until_ = 0;  // nobody is let in before, for lack of descriptors
  std::thread thread_;
};

// The status socket of a server that listens at `path`.
inline std::string status_socket_of(const std::string& path) {
  return path + ".status";
}

// What a status socket says. Throws Error(kDeviceLost) where no server answers within two seconds.
LINESHAFT_COMMAND_EXPORT std::string fetch_status(const std::string& path);

}  // namespace lineshaft
