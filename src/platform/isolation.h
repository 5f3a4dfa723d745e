// Isolates a process, so that it can be a guest on its own host: without network and GPU device files.
#pragma once

#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

// Moves this process into namespaces of its own, in which there is no network and no GPU device file. The process must
// have only one thread. Throws Error(kUnsupported) with what to do where the kernel refuses.
LINESHAFT_COMMAND_EXPORT void isolate_from_gpus();

// The GPU device files that exist: /dev/dri, /dev/nvidia*, /dev/kfd, /dev/dxg.
std::vector<std::string> gpu_device_files();

}  // namespace lineshaft
