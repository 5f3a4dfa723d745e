#include "platform/cgroups.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Files as a cgroup file system has them, without a kernel behind.
class FakeCgroups : public testing::Test {
 protected:
  FakeCgroups() {
    std::string pattern = std::filesystem::temp_directory_path() / "lineshaft-cgroups-XXXXXX";
    mount_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(mount_ + "/unit");
    put("cgroup.procs", concat("1\n", ::getpid(), "\n"));
    put("cgroup.controllers", "cpuset cpu io memory pids\n");
  }
  ~FakeCgroups() override { std::filesystem::remove_all(mount_); }

  void put(const std::string& name, const std::string& text) { std::ofstream(mount_ + "/unit/" + name) << text; }
  std::string get(const std::string& name) const { return text_of(mount_ + "/unit/" + name); }
  Cgroups::Options options() const { return {.mount = mount_, .own = "/unit"}; }
  std::string worker(const std::string& file) const { return get(concat("lineshaft-", ::getpid(), "-7/", file)); }

  std::string mount_;
};

TEST_F(FakeCgroups, AWorkersGroupHasItsLimits) {
  {
    Cgroups groups(options());
    EXPECT_EQ(groups.problem(), "");
    EXPECT_EQ(groups.controllers(), (std::vector<std::string>{"cpu", "memory", "pids"}));
    EXPECT_EQ(get(concat("lineshaft-", ::getpid(), "-server/cgroup.procs")), std::to_string(::getpid()));
    EXPECT_EQ(get("cgroup.subtree_control"), "+cpu +memory +pids");
    EXPECT_EQ(groups.limit(7, {.memory = 1 << 30, .threads = 100, .weight = 3}), "");
    EXPECT_EQ(groups.enter(7, 4242), "");
    EXPECT_EQ(worker("memory.max"), "1073741824");
    EXPECT_EQ(worker("memory.oom.group"), "1");
    EXPECT_EQ(worker("pids.max"), "100");
    EXPECT_EQ(worker("cpu.weight"), "300");
    EXPECT_EQ(worker("cgroup.procs"), "4242");
    EXPECT_EQ(groups.limit(7, {.weight = 1e6}), "");
    EXPECT_EQ(worker("memory.max"), "max");
    EXPECT_EQ(worker("cpu.weight"), "10000");
  }
  EXPECT_EQ(get("cgroup.subtree_control"), "-cpu -memory -pids");
  EXPECT_EQ(get("cgroup.procs"), std::to_string(::getpid()));
}

TEST_F(FakeCgroups, OnlyWhatThereIsIsLimited) {
  put("cgroup.controllers", "io memory\n");
  Cgroups groups(options());
  EXPECT_EQ(groups.problem(), "");
  EXPECT_EQ(groups.limit(7, {.memory = 4096}), "");
  EXPECT_EQ(worker("memory.max"), "4096");
  EXPECT_EQ(worker("pids.max"), "");
}

TEST_F(FakeCgroups, WithoutThemOneReasonIsGivenAndNothingIsDone) {
  auto problem = [&](const std::string& part) {
    Cgroups groups(options());
    EXPECT_NE(groups.problem().find(part), std::string::npos) << groups.problem() << "\nlacks: " << part;
    EXPECT_EQ(groups.limit(7, {}), "");
    EXPECT_EQ(groups.enter(7, 4242), "");
    groups.remove(7);
  };
  put("cgroup.controllers", "io\n");
  problem("has none of the controllers that limit workers");
  put("cgroup.controllers", "memory\n");
  put(concat("lineshaft-", ::getpid(), "-server"), "a file where a folder has to be");
  problem("a systemd unit has to say Delegate=yes");
  put("cgroup.procs", "1\n");
  problem("is not this process's group");
}

// The kernel's own, in a process of its own: the first step moves the process.
int in_real_groups(int report) {
  auto tell = [&](const std::string& text) {
    [[maybe_unused]] ssize_t written = ::write(report, text.data(), text.size());
    return 1;
  };
  std::string folder;
  {
    Cgroups groups({.controllers = {"cpu", "memory", "pids", "hugetlb"}});
    if (!groups.problem().empty()) {
      tell(groups.problem());
      return 2;
    }
    pid_t worker = ::fork();
    if (worker == 0) {
      ::pause();
      ::_exit(0);
    }
    std::string wrong = groups.limit(7, {.memory = int64_t{1} << 30});
    wrong += groups.enter(7, worker);
    folder = concat(groups.folder(), "/lineshaft-", ::getpid(), "-7");
    std::string inside = text_of(folder + "/cgroup.procs");
    ::kill(worker, SIGKILL);
    ::waitpid(worker, nullptr, 0);
    if (!wrong.empty()) return tell(wrong);
    if (inside != concat(worker, "\n")) return tell(concat("the group holds ", inside));
    groups.remove(7);
    if (std::filesystem::exists(folder)) return tell(folder + " is left");
  }
  std::string prefix = concat("lineshaft-", ::getpid());
  for (const auto& each : std::filesystem::directory_iterator(std::filesystem::path(folder).parent_path()))
    if (each.path().filename().string().starts_with(prefix)) return tell(each.path().string() + " is left");
  return 0;
}

TEST(Cgroups, TheKernelsGroupsHoldAWorkerAndGoWithIt) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  pid_t child = ::fork();
  if (child == 0) ::_exit(in_real_groups(pipe[1]));
  ::close(pipe[1]);
  std::string told;
  char part[256];
  for (ssize_t size; (size = ::read(pipe[0], part, sizeof part)) > 0;) told.append(part, static_cast<size_t>(size));
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WEXITSTATUS(status) == 2) GTEST_SKIP() << told;
  EXPECT_EQ(status, 0) << told;
}

}  // namespace
}  // namespace lineshaft
