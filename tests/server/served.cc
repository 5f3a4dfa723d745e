#include "server/served.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "lineshaft/base/error.h"

extern char** environ;

namespace lineshaft::remote {
std::unique_ptr<Backend> make_backend();
}

namespace lineshaft::tests {

using namespace std::chrono_literals;

Served::Served(const TemporaryFolder& folder, const std::vector<std::string>& flags) : log_(folder.path("log")) {
  std::string program = (std::filesystem::canonical("/proc/self/exe").parent_path() / "lineshaft").string();
  std::vector<std::string> words = {program, "serve", "--socket", folder.path("socket")};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ScopedVariable devices("LINESHAFT_DEVICES", "cpu"), server("LINESHAFT_SERVER", nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 2, log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  int error = ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail(ErrorCode::kInternal, program, " cannot be started; build the target lineshaft_cli");
  if (says("listens at")) return;
  stop();
  fail(ErrorCode::kInternal, "the server does not listen: ", log());
}

Served::~Served() {
  stop();
}

int Served::stop() {
  if (pid_ == 0) return 0;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(std::exchange(pid_, 0), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string Served::log() const {
  std::stringstream text;
  text << std::ifstream(log_).rdbuf();
  return text.str();
}

bool Served::says(const std::string& text) const {
  for (int i = 0; i < 1000; ++i) {
    if (log().find(text) != std::string::npos) return true;
    siginfo_t ended{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
    if (ended.si_pid != 0) return log().find(text) != std::string::npos;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

std::string Served::address(const std::string& scheme) const {
  std::istringstream words(log());
  for (std::string word; words >> word;)
    if (word.starts_with(scheme + ":")) return word;
  fail(ErrorCode::kInternal, "the server listens at no ", scheme, " address: ", log());
}

std::unique_ptr<OpenDevice> open_served(const std::string& address) {
  ScopedVariable server("LINESHAFT_SERVER", address.c_str());
  auto backend = remote::make_backend();
  std::vector<Finding> findings;
  auto devices = backend->enumerate(findings);
  if (devices.empty()) fail(ErrorCode::kDeviceLost, findings.empty() ? "there is no device" : findings[0].problem);
  return std::make_unique<OpenDevice>(devices[0], backend->open(0), StreamOptions{});
}

}  // namespace lineshaft::tests
