#include "platform/files.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"

namespace lineshaft {
namespace {

std::error_code last_error() {
  return {errno, std::generic_category()};
}

std::error_code write_all(const Descriptor& file, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return last_error();
    text.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

// So that the name is there after a loss of power, too; a folder that may not be read is left to the system.
void sync_folder(const std::string& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
}

std::string folder_above(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

}  // namespace

std::error_code try_write_file(const std::string& path, std::string_view text, FileAccess access, bool replace) {
  const std::string folder = folder_above(path);
  // Who reads all files of one kind in the folder does not take this name for one.
  std::string part = folder + "/." + std::filesystem::path(path).filename().string() + ".XXXXXX";
  Descriptor file(::mkostemp(part.data(), O_CLOEXEC));
  if (!file) return last_error();
  std::error_code error = write_all(file, text);
  mode_t mode = access == FileAccess::kOwner ? 0600 : 0644;
  if (!error && (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0)) error = last_error();
  // A link, other than a rename, does not replace.
  if (!error && (replace ? ::rename(part.c_str(), path.c_str()) : ::link(part.c_str(), path.c_str())) != 0)
    error = last_error();
  if (error || !replace) ::unlink(part.c_str());
  if (!error) sync_folder(folder);
  return error;
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

bool can_read(const std::string& path) {
  return ::access(path.c_str(), R_OK) == 0;
}

bool can_write_in(const std::string& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

std::error_code check_writable(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));  // O_NONBLOCK: a pipe may have no reader
  if (file || errno == ENXIO) return {};
  if (errno != ENOENT) return last_error();
  return can_write_in(folder_above(path)) ? std::error_code{} : last_error();
}

bool name_matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

}  // namespace lineshaft
