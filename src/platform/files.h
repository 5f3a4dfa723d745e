// Reading files, writing small files atomically, and checks of paths.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/command_export.h"

namespace lineshaft {

// Who may read a file that is created. Only its owner may write it.
enum class FileAccess { kOwner, kEverybody };

// Writes `text` to `path`. The write is atomic, and the file survives a loss of power. Throws Error(kInvalidArgument)
// where the file exists and `replace` is not set, and where it cannot be written.
LINESHAFT_COMMAND_EXPORT void write_file(const std::string& path, std::string_view text, FileAccess access,
                                         bool replace);
// The same, but returns the error.
LINESHAFT_COMMAND_EXPORT std::error_code try_write_file(const std::string& path, std::string_view text,
                                                        FileAccess access, bool replace);
// Throws Error(kInvalidArgument) where it cannot be read.
LINESHAFT_COMMAND_EXPORT std::string read_file(const std::string& path);
// Creates a folder that only its owner can write, and missing folders above it. Throws Error(kInvalidArgument) where
// the folder exists and others may write it.
LINESHAFT_COMMAND_EXPORT void make_private_folder(const std::string& path);

// Both follow links. They are false also where this process has no access to the path.
LINESHAFT_COMMAND_EXPORT bool file_exists(const std::string& path);
LINESHAFT_COMMAND_EXPORT bool can_read(const std::string& path);
// Whether this process can create files in the folder.
LINESHAFT_COMMAND_EXPORT bool can_write_in(const std::string& folder);
// The error with which opening the file for writing, or creating it, would fail. It changes nothing.
std::error_code check_writable(const std::string& path);

// Whether the file's name matches a shell pattern with * and ?. These do not match a leading period.
LINESHAFT_COMMAND_EXPORT bool name_matches(const std::string& pattern, const std::string& name);

}  // namespace lineshaft
