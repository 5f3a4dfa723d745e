// A real `lineshaft serve` beside the tests' binary, and its devices as a guest sees them.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "lineshaft/device/registry.h"
#include "server/transport_pair.h"

namespace lineshaft::tests {

class Served {
 public:
  // Starts it with LINESHAFT_DEVICES=cpu and these flags, and waits until it listens.
  Served(const TemporaryFolder& folder, const std::vector<std::string>& flags);
  ~Served();  // SIGTERM, then waits
  // The address it says that it listens at, of this scheme.
  std::string address(const std::string& scheme) const;
  // What it has said so far.
  std::string log() const;
  // Waits up to 10 s until it has said this.
  bool says(const std::string& text) const;
  int stop();  // its exit status

 private:
  std::string log_;
  pid_t pid_ = 0;
};

// The server's first device, over a connection of its own. Throws what connecting throws.
std::unique_ptr<OpenDevice> open_served(const std::string& address);

}  // namespace lineshaft::tests
