#include "cdi/write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

[[noreturn]] void refuse(const std::string& path, int error) {
  const char* remedy = error == EACCES || error == EPERM || error == EROFS
                           ? "; run this as root, or choose a folder of your own with --output"
                           : "";
  fail(ErrorCode::kInvalidArgument, "cannot write ", path, ": ", std::strerror(error), remedy);
}

// These return errno, 0 for success.
int write_all(int file, const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    ssize_t count = ::write(file, text.data() + at, text.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    at += static_cast<size_t>(count);
  }
  return 0;
}

int write_and_close(int file, const std::string& text) {
  int error = write_all(file, text);
  if (!error && (::fchmod(file, 0644) != 0 || ::fsync(file) != 0)) error = errno;
  if (::close(file) != 0 && !error) error = errno;
  return error;
}

}  // namespace

void write_file(const std::string& path, const std::string& text) {
  std::filesystem::path target = path;
  std::string folder = target.has_parent_path() ? target.parent_path().string() : ".";
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  if (made) refuse(folder, made.value());
  // A name that no engine takes for a spec.
  std::string temporary = folder + "/." + target.filename().string() + ".XXXXXX";
  int file = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (file < 0) refuse(path, errno);
  int error = write_and_close(file, text);
  if (!error && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error) {
    ::unlink(temporary.c_str());
    refuse(path, error);
  }
  int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

}  // namespace lineshaft::cdi
