// Environment variables, and how much of the machine the process may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

// The variable's value; nothing if unset or empty.
LINESHAFT_COMMAND_EXPORT std::optional<std::string> environment(const char* name);
// Sets the variable for this process and the processes that it starts. Without `replace`, a variable that is set, even
// to an empty value, is kept. Call it only before other threads read variables.
LINESHAFT_COMMAND_EXPORT void set_environment(const char* name, const std::string& value, bool replace = true);
LINESHAFT_COMMAND_EXPORT void unset_environment(const char* name);
// The names of all variables that are set.
LINESHAFT_COMMAND_EXPORT std::vector<std::string> environment_names();
// "512M", "2G", "1024": bytes; nothing if the text is no such size.
LINESHAFT_COMMAND_EXPORT std::optional<int64_t> parse_bytes(const std::string& text);
// The variable's value as parse_bytes reads it. Throws Error(kInvalidArgument) naming the variable if it is set and is
// not a size.
LINESHAFT_COMMAND_EXPORT std::optional<int64_t> environment_bytes(const char* name);
// on/off, 1/0, true/false, yes/no. Throws likewise.
LINESHAFT_COMMAND_EXPORT std::optional<bool> environment_switch(const char* name);

int usable_cores();  // by the affinity mask
// Names the running kernel and this mount namespace: equal for two processes of one environment, different between a
// container or a virtual machine and its host.
LINESHAFT_COMMAND_EXPORT std::string environment_identity();
int64_t installed_memory();    // bytes
int64_t physical_memory();     // bytes of these that may be used: a cgroup may set a limit
std::string processor_name();  // "" where the system does not tell

}  // namespace lineshaft
