// What `lineshaft serve` is told about guests beyond its own kernel: TCP, TLS, vsock.
#pragma once

#include "cli/command.h"
#include "server/broker.h"

namespace lineshaft::cli {

// Adds the listeners that --tcp and --vsock name, and finds the certificates that TCP takes where `options` names none.
// Throws Error(kInvalidArgument).
void add_network(const Arguments& arguments, ServeOptions& options);

}  // namespace lineshaft::cli
