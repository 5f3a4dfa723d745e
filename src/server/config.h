// The configuration file of `lineshaft serve`, in TOML: which devices are lent, where the server listens, and the
// limits of each guest. docs/guides/serve.md lists the keys; src/server/system/lineshaft.toml is an example.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/command_export.h"
#include "server/broker.h"

namespace lineshaft {

inline constexpr const char* kConfigPath = "/etc/lineshaft/lineshaft.toml";

struct ServeConfig {
  std::vector<std::string> devices;  // as LINESHAFT_DEVICES lists them; empty: all
  std::string metrics;               // where metrics are served, as StatusOptions::metrics; empty: nowhere
  ServeOptions options;              // addresses, listen, guests, window, slice_ns, hang_ns, sandbox
};

// Throws Error(kInvalidArgument) with the file, the line, the key, its value, and the values that are allowed.
LINESHAFT_COMMAND_EXPORT ServeConfig read_config(const std::string& path);
// `file` is for messages.
ServeConfig parse_config(std::string_view text, const std::string& file);

}  // namespace lineshaft
