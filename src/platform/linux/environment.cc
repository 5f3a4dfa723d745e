#include "platform/environment.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>

namespace lineshaft {

void set_environment(const char* name, const std::string& value, bool replace) {
  ::setenv(name, value.c_str(), replace);
}

void unset_environment(const char* name) {
  ::unsetenv(name);
}

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** each = environ; each && *each; ++each) {
    std::string_view entry = *each;
    names.emplace_back(entry.substr(0, entry.find('=')));
  }
  return names;
}

int usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

std::string environment_identity() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  char space[64] = {};
  ssize_t size = ::readlink("/proc/self/ns/mnt", space, sizeof space - 1);
  return boot + " " + std::string(space, size > 0 ? static_cast<size_t>(size) : 0);
}

int64_t installed_memory() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
}

int64_t physical_memory() {
  int64_t bytes = installed_memory();
  std::ifstream limit("/sys/fs/cgroup/memory.max");
  int64_t value = 0;
  if (limit >> value && value > 0) bytes = std::min(bytes, value);
  return bytes;
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return {};
}

}  // namespace lineshaft
