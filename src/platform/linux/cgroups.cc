#include "platform/cgroups.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"

namespace lineshaft {
namespace {

constexpr const char* kPrefix = "lineshaft-";

std::vector<std::string> words_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> words;
  for (std::string word; file >> word;) words.push_back(word);
  return words;
}

// Where cgroup2 is mounted: the fifth field of its line; the type is the first one after the dash.
std::string find_mount() {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    size_t dash = line.find(" - ");
    if (dash == std::string::npos || !line.substr(dash + 3).starts_with("cgroup2 ")) continue;
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 5; ++i) fields >> field;
    return field;
  }
  return "";
}

// The line of version 2 is "0::/system.slice/lineshaft.service".
std::string find_own() {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);)
    if (line.starts_with("0::")) return line.substr(3);
  return "";
}

// Why a control file could not be written; empty where it was.
std::string write_control(const std::string& path, const std::string& text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return "";
  return concat(path, " does not take ", text, ": ", system_error());
}

}  // namespace

Cgroups::Cgroups(const Options& options) {
  try {
    prepare(options);
  } catch (const Error& error) {
    problem_ = error.what();
    controllers_.clear();
  }
}

void Cgroups::prepare(const Options& options) {
  std::string mount = options.mount.empty() ? find_mount() : options.mount;
  if (mount.empty()) fail(ErrorCode::kUnsupported, "no cgroup file system of version 2 is mounted");
  folder_ = mount + (options.own.empty() ? find_own() : options.own);
  while (folder_.ends_with('/')) folder_.pop_back();
  auto there = words_of(folder_ + "/cgroup.procs");
  if (std::ranges::find(there, std::to_string(::getpid())) == there.end())
    fail(ErrorCode::kUnsupported, folder_, " is not this process's group");
  auto available = words_of(folder_ + "/cgroup.controllers");
  for (const std::string& name : options.controllers)
    if (std::ranges::find(available, name) != available.end()) controllers_.push_back(name);
  if (controllers_.empty()) fail(ErrorCode::kUnsupported, folder_, " has none of the controllers that limit workers");
  remove_leftovers();
  std::string broker = group_of("server");
  if (::mkdir(broker.c_str(), 0755) != 0 && errno != EEXIST)
    fail(ErrorCode::kUnsupported, "no group may be made in ", folder_, " (", system_error(),
         "); a systemd unit has to say Delegate=yes");
  std::string problem = write_control(broker + "/cgroup.procs", std::to_string(::getpid()));
  std::string enabled;
  for (const std::string& name : controllers_) enabled += concat(enabled.empty() ? "+" : " +", name);
  if (problem.empty()) problem = write_control(folder_ + "/cgroup.subtree_control", enabled);
  if (problem.empty()) return;
  write_control(folder_ + "/cgroup.procs", std::to_string(::getpid()));
  ::rmdir(broker.c_str());
  fail(ErrorCode::kUnsupported, problem, "; a systemd unit has to say Delegate=yes");
}

Cgroups::~Cgroups() {
  if (controllers_.empty()) return;
  std::string disabled;
  for (const std::string& name : controllers_) disabled += concat(disabled.empty() ? "-" : " -", name);
  if (!remove_leftovers()) write_control(folder_ + "/cgroup.subtree_control", disabled);
  write_control(folder_ + "/cgroup.procs", std::to_string(::getpid()));
  ::rmdir(group_of("server").c_str());
}

// Groups of servers that were killed. Returns whether there are any of servers that live, beside this one.
bool Cgroups::remove_leftovers() const {
  std::error_code ignored;
  bool others = false;
  for (const auto& each : std::filesystem::directory_iterator(folder_, ignored)) {
    std::string name = each.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    pid_t server = std::atoi(name.c_str() + std::strlen(kPrefix));
    if (server == ::getpid()) continue;
    if (::kill(server, 0) == 0 || errno == EPERM)
      others = true;
    else
      ::rmdir(each.path().c_str());
  }
  return others;
}

std::string Cgroups::group_of(const std::string& name) const {
  return concat(folder_, "/", kPrefix, ::getpid(), "-", name);
}

std::string Cgroups::limit(uint64_t worker, const CgroupLimits& limits) {
  if (controllers_.empty()) return "";
  std::string group = group_of(std::to_string(worker)), problem;
  if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST)
    return concat("the group ", group, " cannot be made: ", system_error());
  auto set = [&](const char* controller, const char* file, const std::string& value) {
    if (std::ranges::find(controllers_, controller) == controllers_.end()) return;
    std::string wrong = write_control(concat(group, "/", file), value);
    if (problem.empty()) problem = wrong;
  };
  set("memory", "memory.max", limits.memory == INT64_MAX ? "max" : std::to_string(limits.memory));
  set("memory", "memory.oom.group", "1");
  set("pids", "pids.max", std::to_string(limits.threads));
  set("cpu", "cpu.weight", std::to_string(std::clamp(std::lround(limits.weight * 100), 1L, 10'000L)));
  return problem;
}

std::string Cgroups::enter(uint64_t worker, int process) {
  if (controllers_.empty()) return "";
  return write_control(group_of(std::to_string(worker)) + "/cgroup.procs", std::to_string(process));
}

void Cgroups::remove(uint64_t worker) noexcept {
  if (!controllers_.empty()) ::rmdir(group_of(std::to_string(worker)).c_str());
}

}  // namespace lineshaft
