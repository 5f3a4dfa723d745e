// Small files that are written whole or not at all.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace lineshaft {

// Writes `text` to `path` with these permissions; nobody sees half of it. Throws Error(kInvalidArgument) where the file
// is there and `replace` is not set, and where it cannot be written.
void write_file(const std::string& path, std::string_view text, mode_t mode, bool replace);
// Throws Error(kInvalidArgument) where it cannot be read.
std::string read_file(const std::string& path);
// A folder that its owner alone can write, made with those above it where it is missing. Throws
// Error(kInvalidArgument) where others may write what is there.
void make_private_folder(const std::string& path);

}  // namespace lineshaft
