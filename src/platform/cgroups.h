// A control group (version 2) for each worker process, below this process's own: what a worker may take of the host's
// memory and processor is the kernel's to keep then, whatever the worker does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lineshaft {

struct CgroupLimits {
  int64_t memory = INT64_MAX;  // bytes of the host's
  int threads = 1024;
  double weight = 1;  // of the processor, beside other workers
};

// Moves this process to a group of its own below the one that it is in, because a group that divides what it has among
// others may hold no process, and back when it goes. One thread.
class Cgroups {
 public:
  struct Options {
    std::string mount;  // where the cgroup file system is; empty: as /proc/self/mountinfo says
    std::string own;    // this process's group below it; empty: as /proc/self/cgroup says
    std::vector<std::string> controllers = {"cpu", "memory", "pids"};  // those that there are of them
  };

  explicit Cgroups(const Options& options);
  Cgroups() : Cgroups(Options()) {}
  ~Cgroups();
  Cgroups(const Cgroups&) = delete;
  Cgroups& operator=(const Cgroups&) = delete;

  // Why there are none; empty where there are.
  const std::string& problem() const { return problem_; }
  // The group below which workers' groups are made, and what is limited in them.
  const std::string& folder() const { return folder_; }
  const std::vector<std::string>& controllers() const { return controllers_; }

  // What follows does nothing where there are none.
  // Makes the group of the worker with this number, or changes its limits. Returns what could not be done; empty where
  // all was.
  std::string limit(uint64_t worker, const CgroupLimits& limits);
  std::string enter(uint64_t worker, int process);
  // Once its processes are over.
  void remove(uint64_t worker) noexcept;

 private:
  std::string group_of(const std::string& name) const;
  void prepare(const Options& options);
  bool remove_leftovers() const;

  std::string folder_, problem_;
  std::vector<std::string> controllers_;
};

}  // namespace lineshaft
