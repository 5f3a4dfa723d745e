// The protocol between a service manager (systemd) and a service, through environment variables.
#pragma once

#include <string_view>
#include <vector>

#include "base/command_export.h"
#include "platform/descriptor.h"

namespace lineshaft {

// The sockets that the service manager has opened for this process (LISTEN_FDS); none where no service manager started
// it. Removes the variables from the environment, so that programs that this process starts do not use them.
LINESHAFT_COMMAND_EXPORT std::vector<Descriptor> take_activated_sockets();

// Sends a line such as "READY=1" to NOTIFY_SOCKET. Does nothing where the variable is not set. False where the line
// could not be sent.
LINESHAFT_COMMAND_EXPORT bool notify_service_manager(std::string_view line);

}  // namespace lineshaft
