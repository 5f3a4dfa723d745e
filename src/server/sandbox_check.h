// Whether workers can be confined on this machine.
#pragma once

#include <optional>
#include <string>

namespace lineshaft {

// Tries enter_sandbox() in a child process; what keeps it from working, nothing where it works. For a process of one
// thread.
std::optional<std::string> sandbox_problem();

}  // namespace lineshaft
