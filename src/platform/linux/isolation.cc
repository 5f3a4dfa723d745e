#include "platform/isolation.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"

namespace lineshaft {
namespace {

void write_map(const char* file, unsigned id) {
  std::ofstream(file) << id << " " << id << " 1\n";
}

void mount_over(const std::string& path) {
  bool folder = std::filesystem::is_directory(path);
  int result = folder ? ::mount("none", path.c_str(), "tmpfs", MS_NOSUID | MS_NOEXEC, "size=4k,mode=755")
                      : ::mount("/dev/null", path.c_str(), nullptr, MS_BIND, nullptr);
  if (result != 0) fail(ErrorCode::kUnsupported, path, " cannot be hidden: ", system_error());
}

}  // namespace

std::vector<std::string> gpu_device_files() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", error)) {
    std::string name = entry.path().filename();
    if (name == "dri" || name == "kfd" || name == "dxg" || name.starts_with("nvidia")) found.push_back(entry.path());
  }
  return found;
}

void isolate_from_gpus() {
  uid_t user = ::geteuid();
  gid_t group = ::getegid();
  int spaces = CLONE_NEWNS | CLONE_NEWNET;
  if (::unshare(user == 0 ? spaces : spaces | CLONE_NEWUSER) != 0)
    fail(ErrorCode::kUnsupported, "the kernel refuses new namespaces (", system_error(),
         "); run as root, or allow them: sysctl kernel.unprivileged_userns_clone=1");
  if (user != 0) {
    std::ofstream("/proc/self/setgroups") << "deny";
    write_map("/proc/self/uid_map", user);
    write_map("/proc/self/gid_map", group);
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    fail(ErrorCode::kUnsupported, "mounts cannot be made private: ", system_error());
  for (const std::string& path : gpu_device_files()) mount_over(path);
}

}  // namespace lineshaft
