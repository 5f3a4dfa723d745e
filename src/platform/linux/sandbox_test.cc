#include "platform/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "lineshaft/base/error.h"
#include "platform/confine.h"
#include "platform/descriptor.h"

namespace lineshaft {
namespace {

constexpr char kNote = 42;  // what the packets of forbidden calls begin with

struct Outcome {
  int status = -1;     // as exit() got it; -1: killed
  std::string packet;  // that the process sent to its control socket
};

// Runs `f` in a process of its own, whose exit status is what it returns.
Outcome in_child(const std::function<int(int control)>& f) {
  int pair[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  Descriptor ours(pair[0]), theirs(pair[1]);
  pid_t child = ::fork();
  if (child == 0) {
    try {
      ::_exit(f(theirs.get()));
    } catch (const std::exception& error) {
      ::send(theirs.get(), error.what(), std::strlen(error.what()), MSG_NOSIGNAL);
      ::_exit(99);
    }
  }
  theirs.reset();
  Outcome outcome;
  char packet[1024];
  ssize_t size = ::recv(ours.get(), packet, sizeof packet, 0);
  if (size > 0) outcome.packet.assign(packet, static_cast<size_t>(size));
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  return outcome;
}

struct Call {
  const char* name;
  std::function<void()> make;
};

class ForbiddenCall : public ::testing::TestWithParam<Call> {};

TEST_P(ForbiddenCall, EndsTheProcessAndIsNamed) {
  Outcome outcome = in_child([](int control) {
    enter_sandbox(control, kNote);
    GetParam().make();
    return 0;
  });
  EXPECT_EQ(outcome.status, 1);
  ASSERT_FALSE(outcome.packet.empty());
  EXPECT_EQ(outcome.packet[0], kNote);
  EXPECT_EQ(system_call_name(std::stoi(outcome.packet.substr(1))), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Sandbox, ForbiddenCall,
                         ::testing::Values(Call{"execve", [] { ::execl("/bin/true", "true", nullptr); }},
                                           Call{"socket", [] { ::socket(AF_INET, SOCK_STREAM, 0); }},
                                           Call{"ptrace", [] { ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
                                           Call{"kill", [] { ::kill(::getppid(), 0); }},
                                           Call{"tgkill", [] { ::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0); }},
                                           Call{"clone",
                                                [] { ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0); }},
                                           Call{"setresuid", [] { ::syscall(SYS_setresuid, 0, 0, 0); }},
                                           Call{"sendmsg",
                                                [] {
                                                  msghdr message{};
                                                  ::sendmsg(3, &message, 0);
                                                }},
                                           Call{"prlimit64",
                                                [] {
                                                  rlimit limit{1, 1};
                                                  ::setrlimit(RLIMIT_CORE, &limit);
                                                }},
                                           Call{"prctl", [] { ::prctl(PR_SET_DUMPABLE, 1); }},
                                           Call{"rt_sigaction",
                                                [] {
                                                  struct sigaction action {};
                                                  ::sigaction(SIGSYS, &action, nullptr);
                                                }},
                                           Call{"unshare", [] { ::unshare(CLONE_NEWUSER); }}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Sandbox, LeavesWhatComputingTakes) {
  Outcome outcome = in_child([](int control) {
    enter_sandbox(control, kNote);
    int from_thread = 0;
    std::thread([&] { from_thread = 7; }).join();
    void* code = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED || ::mprotect(code, 4096, PROT_READ | PROT_EXEC) != 0) return 2;
    std::ifstream file("/proc/self/status");
    std::string line;
    if (!std::getline(file, line)) return 3;
    if (::syscall(SYS_sched_setscheduler, 0, 0, nullptr) != -1 || errno != EPERM) return 4;
    return from_thread;
  });
  EXPECT_EQ(outcome.status, 7) << outcome.packet;
}

TEST(Sandbox, TheEarlyFilterForbidsWhatNoDeviceNeedsAndLetsTheOtherFollow) {
  Outcome outcome = in_child([](int control) {
    enter_early_sandbox();
    if (::socket(AF_INET, SOCK_STREAM, 0) != -1 || errno != EPERM) return 2;
    if (::execl("/bin/true", "true", nullptr) != -1 || errno != EPERM) return 3;
    if (::unshare(CLONE_NEWUSER) != -1 || errno != EPERM) return 4;
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != -1 || errno != EPERM) return 5;
    if (Descriptor(::open("/proc/self/status", O_RDONLY)).get() < 0) return 6;
    enter_sandbox(control, kNote);
    ::socket(AF_INET, SOCK_STREAM, 0);
    return 7;
  });
  EXPECT_EQ(outcome.status, 1);
  ASSERT_FALSE(outcome.packet.empty());
  EXPECT_EQ(outcome.packet[0], kNote);
}

TEST(Sandbox, CapabilitiesAreGone) {
  Outcome outcome = in_child([](int control) {
    drop_privileges("");
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("CapEff:") || line.starts_with("CapPrm:")) ::send(control, line.data(), line.size(), 0);
    return 0;
  });
  EXPECT_EQ(outcome.packet, "CapPrm:\t0000000000000000");
}

TEST(Sandbox, AServerThatIsRootMayHaveItsWorkersBeSomebodyElse) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
  Outcome outcome = in_child([](int) {
    drop_privileges("nobody");
    return ::getuid() != 0 && ::geteuid() != 0 && ::getgid() != 0 && ::setuid(0) != 0 ? 0 : 2;
  });
  EXPECT_EQ(outcome.status, 0) << outcome.packet;
  outcome = in_child([](int) {
    drop_privileges("no-such-user");
    return 0;
  });
  EXPECT_EQ(outcome.packet, "the user no-such-user does not exist; make it with `useradd --system no-such-user`");
}

TEST(Sandbox, FilesOfTheUserAreOutOfReach) {
  std::string path = std::filesystem::temp_directory_path() / concat("lineshaft-file-", ::getpid());
  std::ofstream(path) << "a secret";
  Outcome outcome = in_child([&](int) {
    if (!confine_files()) return 77;
    if (::open(path.c_str(), O_RDONLY) >= 0) return 2;
    if (::open((path + "2").c_str(), O_WRONLY | O_CREAT, 0600) >= 0) return 3;
    if (::open("/etc/passwd", O_RDONLY) < 0) return 4;
    if (::open("/dev/null", O_RDWR) < 0) return 5;
    return 0;
  });
  std::filesystem::remove(path);
  if (outcome.status == 77) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(outcome.status, 0);
}

TEST(Sandbox, MemoryEndsWhereTheLimitDoes) {
  Outcome outcome = in_child([](int) {
    auto map = [](size_t bytes) {
      return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
             MAP_FAILED;
    };
    limit_resources(int64_t{64} << 20);
    if (!map(size_t{16} << 20)) return 2;
    return map(size_t{64} << 20) ? 3 : 0;
  });
  EXPECT_EQ(outcome.status, 0);
}

}  // namespace
}  // namespace lineshaft
