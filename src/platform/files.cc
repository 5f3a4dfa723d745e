#include "platform/files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"

namespace lineshaft {

void write_file(const std::string& path, std::string_view text, FileAccess access, bool replace) {
  std::error_code error = try_write_file(path, text, access, replace);
  LS_REQUIRE(!error, path, " cannot be written: ", error.message());
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  LS_REQUIRE(file.good(), path, " cannot be read: ", system_error());
  return text.str();
}

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace lineshaft
