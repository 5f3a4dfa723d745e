#include "platform/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"

namespace lineshaft {
namespace {

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

void write_file(const std::string& path, std::string_view text, mode_t mode, bool replace) {
  std::string part = path + ".XXXXXX";
  Descriptor file(::mkstemp(part.data()));
  LS_REQUIRE(file, path, " cannot be written: ", system_error());
  bool written = write_all(file.get(), text) && ::fchmod(file.get(), mode) == 0 && ::fsync(file.get()) == 0;
  // A link, other than a rename, does not replace.
  if (written) written = (replace ? ::rename(part.c_str(), path.c_str()) : ::link(part.c_str(), path.c_str())) == 0;
  int error = errno;
  if (!written || !replace) ::unlink(part.c_str());
  errno = error;
  LS_REQUIRE(written, path, " cannot be written: ", system_error());
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  LS_REQUIRE(file.good(), path, " cannot be read: ", system_error());
  return text.str();
}

void make_private_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), 0700) == 0) return;
  LS_REQUIRE(errno == EEXIST, "the folder ", path, " cannot be made: ", system_error());
  struct stat status {};
  LS_REQUIRE(::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode), path, " is there and is no folder");
  LS_REQUIRE((status.st_mode & 022) == 0, "others may write the folder ", path, "; chmod 700 ", path);
}

}  // namespace lineshaft
