// A control group (version 2) for each worker process, below the group of this process. The kernel then enforces how
// much of the host's memory and processor a worker may take, whatever the worker does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lineshaft {

struct CgroupLimits {
  int64_t memory = INT64_MAX;  // bytes of host memory
  int threads = 1024;
  double weight = 1;  // the share of the processor, relative to other workers
};

// Moves this process to a new group below its current one, because a group that distributes resources to child groups
// must not contain a process. The destructor moves it back. One thread uses it.
class Cgroups {
 public:
  struct Options {
    std::string mount;  // where the cgroup file system is; empty: as /proc/self/mountinfo says
    std::string own;    // this process's group below it; empty: as /proc/self/cgroup says
    std::vector<std::string> controllers = {"cpu", "memory", "pids"};  // those of them that exist are used
  };

  explicit Cgroups(const Options& options);
  Cgroups() : Cgroups(Options()) {}
  ~Cgroups();
  Cgroups(const Cgroups&) = delete;
  Cgroups& operator=(const Cgroups&) = delete;

  // Why control groups cannot be used; empty where they can.
  const std::string& problem() const { return problem_; }
  // The group below which the groups of workers are made, and the controllers that are enabled in them.
  const std::string& folder() const { return folder_; }
  const std::vector<std::string>& controllers() const { return controllers_; }

  // The functions below do nothing where control groups cannot be used. Creates the group of the worker with this
  // number, or changes its limits. Returns a text that says what failed; empty on success.
  std::string limit(uint64_t worker, const CgroupLimits& limits);
  std::string enter(uint64_t worker, int process);
  // Removes the group. Its processes must have ended.
  void remove(uint64_t worker) noexcept;

 private:
  std::string group_of(const std::string& name) const;
  void prepare(const Options& options);
  bool remove_leftovers() const;

  std::string folder_, problem_;
  std::vector<std::string> controllers_;
};

}  // namespace lineshaft
