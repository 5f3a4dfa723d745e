#include "platform/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"
#include "platform/environment.h"

namespace lineshaft {
namespace {

void become(const std::string& user) {
  const passwd* entry = ::getpwnam(user.c_str());
  LS_REQUIRE(entry, "the user ", user, " does not exist; make it with `useradd --system ", user, "`");
  if (entry->pw_uid == ::getuid()) return;
  bool done = ::initgroups(user.c_str(), entry->pw_gid) == 0 &&
              ::setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) == 0 &&
              ::setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) == 0;
  if (!done)
    fail(ErrorCode::kUnsupported, "a worker cannot become the user ", user, " (", system_error(),
         "); start the server as root, or without --user");
}

void drop_capabilities() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);  // takes CAP_SETPCAP; without it there is nothing to drop
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capset, &header, none) != 0)
    fail(ErrorCode::kUnsupported, "a worker cannot give its capabilities up: ", system_error());
}

// Bytes of private memory that may be written, as RLIMIT_DATA counts them.
int64_t data_size() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmData:")) return std::atoll(line.c_str() + 7) * 1024;
  return 0;
}

void lower(__rlimit_resource resource, uint64_t value) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(resource, &limit);
}

constexpr uint64_t kReadAccess = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kFolderAccess = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR;
// All of Landlock's first version, which every kernel that has it knows.
constexpr uint64_t kAllAccess = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

void allow(const Descriptor& rules, const std::string& path, uint64_t access) {
  Descriptor folder(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status {};
  if (!folder || ::fstat(folder.get(), &status) != 0) return;
  if (!S_ISDIR(status.st_mode)) access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
  landlock_path_beneath_attr rule{access, folder.get()};
  ::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

// Where this program, and what its user has told the loaders of, lie.
std::vector<std::string> library_folders() {
  std::vector<std::string> folders;
  std::error_code none;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", none);
  if (program.has_parent_path()) folders.push_back(program.parent_path().parent_path());
  for (const char* name : {"LD_LIBRARY_PATH", "VK_ICD_FILENAMES", "VK_DRIVER_FILES", "VK_LAYER_PATH"}) {
    std::istringstream paths(environment(name).value_or(""));
    for (std::string path; std::getline(paths, path, ':');)
      if (!path.empty()) folders.push_back(path);
  }
  return folders;
}

// Where compiled kernels are kept. A folder that is not there yet is made by whoever writes to it first: the server.
std::vector<std::string> cache_folders() {
  std::string cache = environment("XDG_CACHE_HOME").value_or(environment("HOME").value_or("") + "/.cache");
  std::vector<std::string> folders = {cache + "/lineshaft", cache + "/mesa_shader_cache", cache + "/nvidia"};
  for (const char* name : {"LINESHAFT_CACHE", "MESA_SHADER_CACHE_DIR", "__GL_SHADER_DISK_CACHE_PATH"})
    if (auto path = environment(name)) folders.push_back(*path);
  return folders;
}

}  // namespace

void forbid_new_privileges() noexcept {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void forbid_core_dumps() noexcept {
  rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

void drop_privileges(const std::string& user) {
  if (!user.empty()) become(user);
  drop_capabilities();
}

void limit_resources(int64_t more) {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // other processes of the user do not attach to it
  constexpr uint64_t kFiles = 1024;
  lower(RLIMIT_NOFILE, kFiles);
  int64_t now = data_size();
  if (now > 0 && more < INT64_MAX - now) lower(RLIMIT_DATA, static_cast<uint64_t>(now + more));
}

bool confine_files(const std::vector<std::string>& also) {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = kAllAccess;
  Descriptor rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (!rules) return false;
  for (const char* path : {"/usr", "/lib", "/lib64", "/etc", "/opt", "/nix", "/proc", "/sys"})
    allow(rules, path, kReadAccess);
  allow(rules, "/dev", kReadAccess | LANDLOCK_ACCESS_FS_WRITE_FILE);  // what owner and mode of the nodes let it open
  for (const std::string& path : library_folders()) allow(rules, path, kReadAccess);
  for (const std::string& path : also) allow(rules, path, kReadAccess);
  for (const std::string& path : cache_folders()) allow(rules, path, kReadAccess | kFolderAccess);
  return ::syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

}  // namespace lineshaft
