#include "server/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "lineshaft/base/error.h"

extern char** environ;

namespace lineshaft {

Spawned spawn_worker(const std::vector<std::string>& command) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    fail(ErrorCode::kInternal, "a worker's control socket cannot be made: ", system_error());
  Spawned spawned;
  spawned.control = Descriptor(pair[0]);
  Descriptor others(pair[1]);
  constexpr int kControl = 3;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  if (others.get() == kControl) others = Descriptor(::fcntl(others.release(), F_DUPFD_CLOEXEC, kControl + 1));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, others.get(), kControl);
  posix_spawnattr_t attributes;  // signals that the broker blocks are the worker's to receive
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  int error = ::posix_spawnp(&spawned.pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    fail(ErrorCode::kInternal, "the worker ", command.front(), " cannot be started: ", std::strerror(error));
  spawned.process = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0)));
  if (!spawned.process) {
    ::kill(spawned.pid, SIGKILL);
    ::waitpid(spawned.pid, nullptr, 0);
    fail(ErrorCode::kInternal, "a worker cannot be watched (pidfd_open): ", system_error(),
         "; Linux 5.3 or newer is needed");
  }
  return spawned;
}

}  // namespace lineshaft
