// What a service manager (systemd) tells a service through its environment, and what the service tells it.
#pragma once

#include <string_view>
#include <vector>

#include "base/command_export.h"
#include "platform/descriptor.h"

namespace lineshaft {

// The sockets that the service manager has opened for this process (LISTEN_FDS); none where it did not start it. Takes
// the variables out of the environment, so that programs started by this one do not take them for theirs.
LINESHAFT_COMMAND_EXPORT std::vector<Descriptor> take_activated_sockets();

// Sends a line such as "READY=1" to NOTIFY_SOCKET; nothing where there is none. False where that could not be sent.
LINESHAFT_COMMAND_EXPORT bool notify_service_manager(std::string_view line);

}  // namespace lineshaft
