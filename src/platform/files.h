// Files: small ones that are written whole or not at all, and what may be done with a path.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/command_export.h"

namespace lineshaft {

// Who may read a file that is made. Its owner alone may write it.
enum class FileAccess { kOwner, kEverybody };

// Writes `text` to `path`; nobody sees half of it, and it is there after a loss of power. Throws
// Error(kInvalidArgument) where the file is there and `replace` is not set, and where it cannot be written.
LINESHAFT_COMMAND_EXPORT void write_file(const std::string& path, std::string_view text, FileAccess access,
                                         bool replace);
// The same for who has words of their own for what is wrong.
LINESHAFT_COMMAND_EXPORT std::error_code try_write_file(const std::string& path, std::string_view text,
                                                        FileAccess access, bool replace);
// Throws Error(kInvalidArgument) where it cannot be read.
LINESHAFT_COMMAND_EXPORT std::string read_file(const std::string& path);
// A folder that its owner alone can write, made with those above it where it is missing. Throws
// Error(kInvalidArgument) where others may write what is there.
LINESHAFT_COMMAND_EXPORT void make_private_folder(const std::string& path);

// Follow links; false also where this process may not look.
LINESHAFT_COMMAND_EXPORT bool file_exists(const std::string& path);
LINESHAFT_COMMAND_EXPORT bool can_read(const std::string& path);
// Whether files can be made in the folder.
LINESHAFT_COMMAND_EXPORT bool can_write_in(const std::string& folder);
// Why the file could not be opened for writing, or made where it is missing; touches nothing.
std::error_code check_writable(const std::string& path);

// Whether the file's name fits the pattern as a shell reads it, with * and ?; a leading period is to be given.
LINESHAFT_COMMAND_EXPORT bool name_matches(const std::string& pattern, const std::string& name);

}  // namespace lineshaft
