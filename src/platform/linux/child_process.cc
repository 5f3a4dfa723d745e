#include "platform/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "lineshaft/base/error.h"

extern char** environ;

namespace lineshaft {

StartedChild start_child(const std::string& what, const std::vector<std::string>& command) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    fail(ErrorCode::kInternal, "the control socket of ", what, " cannot be made: ", system_error());
  Descriptor control(pair[0]), others(pair[1]);
  constexpr int kControl = 3;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  if (others.get() == kControl) others = Descriptor(::fcntl(others.release(), F_DUPFD_CLOEXEC, kControl + 1));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, others.get(), kControl);
  posix_spawnattr_t attributes;  // signals that this process blocks are the child's to receive
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t number = 0;
  int error = ::posix_spawnp(&number, arguments[0], &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail(ErrorCode::kInternal, what, " ", command.front(), " cannot be started: ", std::strerror(error));
  Descriptor over(static_cast<int>(::syscall(SYS_pidfd_open, number, 0)));
  if (!over) {
    std::string reason = system_error();
    ::kill(number, SIGKILL);
    ::waitpid(number, nullptr, 0);
    fail(ErrorCode::kInternal, what, " cannot be watched (pidfd_open): ", reason, "; Linux 5.3 or newer is needed");
  }
  return {ChildProcess(number, std::move(over)), std::move(control)};
}

void ChildProcess::kill() noexcept {
  if (number_ > 0) ::kill(number_, SIGKILL);
}

ProcessEnd ChildProcess::wait() noexcept {
  int status = 0;
  ::waitpid(number_, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

void end_with_parent() noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void end_in(unsigned seconds) noexcept {
  ::alarm(seconds);
}

void ignore_interrupt() noexcept {
  std::signal(SIGINT, SIG_IGN);
}

}  // namespace lineshaft
