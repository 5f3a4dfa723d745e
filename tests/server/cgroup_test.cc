// Workers in control groups: what the broker writes for each, and that it goes on without.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/guest.h"
#include "server/server.h"

namespace lineshaft::tests {
namespace {

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Files as a cgroup file system has them, without a kernel behind.
TEST(WorkerGroups, EachWorkerHasWhatItsGuestMayTake) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("unit"));
  std::ofstream(folder.path("unit/cgroup.procs")) << ::getpid() << "\n";
  std::ofstream(folder.path("unit/cgroup.controllers")) << "cpu memory pids\n";
  ServeOptions options;
  options.cgroups = Cgroups::Options{.mount = folder.path(""), .own = "unit"};
  options.guests = {{.memory = int64_t{2} << 30, .weight = 2}};
  Server server(std::move(options));
  EXPECT_FALSE(server.logged("no control groups"));
  Guest guest(server.address());
  EXPECT_EQ(guest.train(3, 1).size(), 3u);
  SessionStatus session = server.open_sessions().at(0);
  std::string group = folder.path(concat("unit/lineshaft-", ::getpid(), "-", session.number, "/"));
  EXPECT_EQ(text_of(group + "cgroup.procs"), std::to_string(session.pid));
  // the quota, half a GiB for scratch, 1 GiB and the window
  EXPECT_EQ(text_of(group + "memory.max"),
            std::to_string((int64_t{2} << 30) + (int64_t{512} << 20) + (int64_t{1} << 30) + (int64_t{8} << 20)));
  EXPECT_EQ(text_of(group + "cpu.weight"), "200");
}

TEST(WorkerGroups, WhereThereAreNoneOneLineSaysSo) {
  TemporaryFolder folder;
  ServeOptions options;
  options.cgroups = Cgroups::Options{.mount = folder.path(""), .own = "unit"};
  Server server(std::move(options));
  EXPECT_TRUE(server.logged("workers have no control groups of their own: "));
  Guest guest(server.address());
  EXPECT_EQ(guest.train(3, 1).size(), 3u);
}

}  // namespace
}  // namespace lineshaft::tests
