// The virtio-serial ports of this machine, if it is a virtual machine.
#pragma once

#include <cstdint>
#include <string>

#include "base/command_export.h"

namespace lineshaft {

// The device file of a slot's port, "/dev/vport1p1"; empty where this machine has none.
LINESHAFT_COMMAND_EXPORT std::string find_port(uint32_t slot);

}  // namespace lineshaft
