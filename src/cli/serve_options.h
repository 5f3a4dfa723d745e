// What `lineshaft serve` is told by its flags and its configuration file.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "server/broker.h"
#include "server/status_server.h"

namespace lineshaft::cli {

struct ServeSetup {
  std::string config;           // the file that counts; empty where there is none
  ServeOptions options;         // all but devices, sockets of a service manager, and log
  bool default_socket = false;  // no listener is named but virtual machines' windows
  StatusOptions status;         // all but the socket
};

// Lets the configuration's devices stand in for LINESHAFT_DEVICES where that is not set. Throws
// Error(kInvalidArgument) for what is wrong in either.
ServeSetup serve_setup(const Arguments& arguments);
// The guests' entries of the file once more, with the flags that go before them.
std::vector<GuestPolicy> read_guests(const std::string& config, const Arguments& arguments);
// The first well-known socket whose folder this user may write.
std::string default_socket();
// Where a server that listens at `addresses` has its status socket; empty where none of them is a Unix socket.
std::string status_socket_at(const std::vector<std::string>& addresses);

}  // namespace lineshaft::cli
