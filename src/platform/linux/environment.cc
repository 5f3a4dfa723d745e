#include "platform/environment.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>

#include "lineshaft/base/error.h"

namespace lineshaft {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return std::string(value);
}

std::optional<int64_t> parse_bytes(const std::string& text) {
  static constexpr std::string_view kUnits = "kmgt";
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !(number >= 0)) return std::nullopt;
  if (*end) {
    size_t unit = kUnits.find(static_cast<char>(*end | 0x20));
    if (unit == std::string_view::npos || end[1]) return std::nullopt;
    number *= static_cast<double>(int64_t{1} << (10 * (unit + 1)));
  }
  if (number >= 0x1p63) return std::nullopt;
  return static_cast<int64_t>(number);
}

std::optional<int64_t> environment_bytes(const char* name) {
  auto text = environment(name);
  if (!text) return std::nullopt;
  auto bytes = parse_bytes(*text);
  LS_REQUIRE(bytes, name, "=", *text, " is not a size in bytes; write for example 512M or 2G");
  return bytes;
}

std::optional<bool> environment_switch(const char* name) {
  auto text = environment(name);
  if (!text) return std::nullopt;
  for (const char* yes : {"on", "1", "true", "yes"})
    if (*text == yes) return true;
  for (const char* no : {"off", "0", "false", "no"})
    if (*text == no) return false;
  fail(ErrorCode::kInvalidArgument, name, "=", *text, " is neither on nor off");
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

int64_t physical_memory() {
  int64_t bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  std::ifstream limit("/sys/fs/cgroup/memory.max");
  int64_t value = 0;
  if (limit >> value && value > 0) bytes = std::min(bytes, value);
  return bytes;
}

}  // namespace lineshaft
