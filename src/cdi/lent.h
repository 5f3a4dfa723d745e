// The devices that `lineshaft serve` lends on this machine, for containers: kind lineshaft.dev/gpu. A container gets
// the server's socket and variables, no device node and no library, so the same works with user namespaces.
#pragma once

#include <string>
#include <vector>

#include "cdi/spec.h"

namespace lineshaft::cdi {

inline constexpr const char* kLentKind = "lineshaft.dev/gpu";
// Where the server's socket lies on the host unless it is told otherwise, and where a container always has it.
inline constexpr const char* kSocket = "/run/lineshaft/lineshaft.sock";

struct LentDevice {
  std::string uuid;  // "" if it has none
};

struct LentServer {
  std::string socket = kSocket;  // on the host: absolute
  // `socket` is a folder instead, in which the server makes lineshaft.sock. A container then sees the socket of a
  // server that was started anew; and it sees what else is in the folder.
  bool folder = false;
};

// Names: the number that the server gives a device, its UUID where no two have the same, and `all`. Throws
// Error(kInvalidArgument) if there is no device, or the socket is no absolute path.
Spec lent_spec(const std::vector<LentDevice>& devices, const LentServer& server = {});

}  // namespace lineshaft::cdi
