#include "server/server.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "lineshaft/device/registry.h"

extern char** environ;

namespace lineshaft::tests {

using namespace std::chrono_literals;

std::string beside(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

bool eventually(const std::function<bool()>& condition) {
  auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

Server::Server(ServeOptions options) {
  address_ = "unix:" + folder_.path("socket");
  options.addresses = {address_};
  for (const DeviceProperties& device : enumerate_devices().devices)
    if (device.id() == "cpu:0" && options.devices.empty()) options.devices = {device};
  if (options.worker.empty()) options.worker = {beside("lineshaft"), "worker"};
  options.release = "test";
  options.window = size_t{8} << 20;
  options.log = [this](const std::string& line) {
    std::lock_guard lock(mutex_);
    log_.push_back(line);
  };
  broker_ = std::make_unique<Broker>(std::move(options));
  thread_ = std::thread([this] { broker_->run(); });
}

Server::~Server() {
  stop();
}

void Server::stop() {
  if (!thread_.joinable()) return;
  broker_->stop();
  thread_.join();
}

std::vector<SessionStatus> Server::open_sessions() {
  auto sessions = broker_->status().sessions;
  std::erase_if(sessions, [](const SessionStatus& session) { return session.device < 0; });
  return sessions;
}

size_t Server::times_logged(const std::string& text) {
  std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::ranges::count_if(log_, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

GuestProcess::GuestProcess(const std::string& address, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {beside("lineshaft_test_guest"), address};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) fail(ErrorCode::kInternal, "no pipe: ", system_error());
  out_ = Descriptor(pipe[0]);
  Descriptor writes(pipe[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writes.get(), STDOUT_FILENO);
  int error = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail(ErrorCode::kInternal, words[0], " cannot be started");
}

GuestProcess::~GuestProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void GuestProcess::signal(int number) const {
  ::kill(pid_, number);
}

std::string GuestProcess::output() {
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = ::read(out_.get(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(count));
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : "";
}

}  // namespace lineshaft::tests
