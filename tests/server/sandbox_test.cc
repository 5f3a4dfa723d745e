// Real workers compute inside their sandbox, and one that does what it must not is ended by name.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "lineshaft/device/registry.h"
#include "server/guest.h"
#include "server/server.h"

namespace lineshaft::tests {
namespace {

std::string status_of(int pid, const std::string& field) {
  std::ifstream status(concat("/proc/", pid, "/status"));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(field + ":")) return line.substr(field.size() + 2);
  return "";
}

TEST(SandboxedWorker, HasNoPrivilegeLeft) {
  Server server;
  Guest guest(server.address());
  guest.train(2, 1);
  int worker = server.open_sessions().at(0).pid;
  EXPECT_EQ(status_of(worker, "Seccomp"), "2");  // a filter
  EXPECT_EQ(status_of(worker, "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(worker, "CapPrm"), "0000000000000000");
  EXPECT_EQ(status_of(worker, "CapBnd"), ::getuid() == 0 ? "0000000000000000" : status_of(::getpid(), "CapBnd"));
}

// Mesa's software Vulkan compiles with LLVM, maps what it compiled, and starts threads.
TEST(SandboxedWorker, RunsAVulkanDevice) {
#ifdef __clang__
  GTEST_SKIP() << "LLVM's OpenMP opens shared memory in a child that is forked, which the confinement refuses";
#endif
  ServeOptions options;
  for (const DeviceProperties& device : enumerate_devices().devices)
    if (device.backend == "vulkan") options.devices = {device};
  if (options.devices.empty()) GTEST_SKIP() << "there is no Vulkan device";
  Server server(std::move(options));
  Guest guest(server.address());
  std::vector<float> losses = guest.train(20, 1);
  ASSERT_EQ(losses.size(), 20u);
  EXPECT_LT(losses.back(), losses.front());
}

}  // namespace
}  // namespace lineshaft::tests
