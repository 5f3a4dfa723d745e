#include "platform/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "lineshaft/base/error.h"
#include "platform/descriptor.h"

namespace lineshaft {
namespace {

// What exec and its like take; points into `words`.
std::vector<char*> argument_pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What it throws ends the child, as a crash: it must not reach the parent's callers there.
[[noreturn]] void run_and_leave(const std::function<void()>& function) noexcept {
  function();
  ::_exit(0);
}

// Its status; -1 where somebody else took it.
int reap(pid_t child) {
  int status = 0;
  pid_t done;
  do {
    done = ::waitpid(child, &status, 0);
  } while (done < 0 && errno == EINTR);
  return done == child ? status : -1;
}

}  // namespace

int64_t process_id() {
  return ::getpid();
}

std::string program_name() {
  std::string name;
  std::ifstream file("/proc/self/comm");
  std::getline(file, name);
  return name;
}

std::string this_program() {
  return "/proc/self/exe";
}

std::string user_id() {
  return std::to_string(::getuid());
}

bool is_superuser() {
  return ::getuid() == 0;
}

void at_fork_in_child(void (*function)()) {
  pthread_atfork(nullptr, nullptr, function);
}

bool other_threads_run() {
  std::error_code error;
  auto own = std::to_string(gettid());
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    if (task.path().filename() == own) continue;
    std::ifstream file(task.path() / "stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    size_t name_end = text.rfind(')');  // "12 (name) S 1 ..."
    if (name_end != std::string::npos && text.find_first_of("RD", name_end) == name_end + 2) return true;
  }
  return false;
}

Trial try_in_child(const std::function<void()>& function, std::chrono::milliseconds limit) {
  pid_t child = ::fork();
  if (child < 0) return Trial::kUnknown;
  if (child == 0) run_and_leave(function);
  auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    int status = 0;
    pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done < 0) return Trial::kUnknown;
    if (done == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Trial::kSurvived : Trial::kCrashed;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(child, SIGKILL);
  reap(child);
  return Trial::kHung;
}

std::string output_of(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  Descriptor reading(ends[0]), writing(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<std::string> own = words;
  pid_t child = 0;
  int error = ::posix_spawnp(&child, own[0].c_str(), &actions, nullptr, argument_pointers(own).data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  writing.reset();
  if (error != 0) return {};
  std::string text;
  char part[4096];
  ssize_t count;
  while ((count = ::read(reading.get(), part, sizeof part)) > 0 || (count < 0 && errno == EINTR))
    if (count > 0) text.append(part, static_cast<size_t>(count));
  reap(child);
  return text;
}

void become_program(const std::vector<std::string>& words) {
  std::vector<std::string> own = words;
  ::execvp(own[0].c_str(), argument_pointers(own).data());
  fail(ErrorCode::kInvalidArgument, words[0], " cannot be run: ", system_error());
}

}  // namespace lineshaft
