// The server's status as JSON, for its status socket, and as Prometheus metrics.
#pragma once

#include <string>
#include <string_view>

#include "base/command_export.h"
#include "server/status.h"

namespace lineshaft {

// One object on one line; docs/guides/serve.md lists the fields.
std::string status_json(const ServerStatus& status);
// Reads what status_json gives. Throws Error(kProtocol) for any other text.
LINESHAFT_COMMAND_EXPORT ServerStatus parse_status(std::string_view json);

// In Prometheus's text format, version 0.0.4.
std::string metrics_text(const ServerStatus& status);

}  // namespace lineshaft
