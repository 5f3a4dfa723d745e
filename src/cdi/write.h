#pragma once

#include <string>

namespace lineshaft::cdi {

// Writes the file whole or not at all: into a new file beside it, which then takes its name. Engines watch these
// folders, so nobody ever reads half a spec. Makes the folder if need be; the file can be read by everyone. Throws
// Error(kInvalidArgument) that names the path and the system's reason.
void write_file(const std::string& path, const std::string& text);

}  // namespace lineshaft::cdi
