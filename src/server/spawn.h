// Starts a worker process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "platform/descriptor.h"

namespace lineshaft {

struct Spawned {
  Descriptor control;  // packets, both ways
  Descriptor process;  // a pidfd: readable when the process is over
  pid_t pid = 0;
};

// The command gets the control socket's other end as descriptor 3. Throws Error(kInternal) where it cannot be started.
Spawned spawn_worker(const std::vector<std::string>& command);

}  // namespace lineshaft
