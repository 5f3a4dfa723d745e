#include "server/serve_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

extern char** environ;

namespace lineshaft::tests {
namespace {

using namespace std::chrono_literals;

std::string program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "lineshaft";
}

// Starts the command with its output in `log`.
pid_t start(std::vector<std::string> command, const std::vector<std::string>& variables, const std::string& log) {
  std::vector<std::string> environment = variables;
  for (char** one = environ; *one; ++one) environment.emplace_back(*one);
  auto pointers = [](std::vector<std::string>& list) {
    std::vector<char*> all;
    for (std::string& one : list) all.push_back(one.data());
    all.push_back(nullptr);
    return all;
  };
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  pid_t pid = 0;
  int error = ::posix_spawn(&pid, command[0].c_str(), &actions, nullptr, pointers(command).data(),
                            pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(error, 0) << command[0] << ": " << std::strerror(error);
  return pid;
}

int status_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Descriptor notify_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return socket;
}

}  // namespace

Ended run_lineshaft(const std::vector<std::string>& words, const std::vector<std::string>& variables) {
  TemporaryFolder folder;
  std::string log = folder.path("output");
  std::vector<std::string> command = {program()};
  command.insert(command.end(), words.begin(), words.end());
  int status = status_of(start(command, variables, log));
  return {status, read_file(log)};
}

ServeProcess::ServeProcess(std::vector<std::string> flags) {
  std::vector<std::string> command = {program(), "serve", "--socket", socket()};
  if (std::ranges::find(flags, "--config") == flags.end()) command.insert(command.end(), {"--config", "/dev/null"});
  command.insert(command.end(), flags.begin(), flags.end());
  begin(command);
}

ServeProcess::ServeProcess(const Activated& activated) {
  std::string script = "exec 3<&" + std::to_string(activated.socket) +
                       "; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve --config /dev/null --socket \"$1\"";
  ::fcntl(activated.socket, F_SETFD, 0);
  begin({"/bin/sh", "-c", script, program(), activated.path});
}

void ServeProcess::begin(const std::vector<std::string>& command) {
  notify_ = notify_socket(path("notify"));
  pid_ = start(command, {"LINESHAFT_DEVICES=cpu", "NOTIFY_SOCKET=" + path("notify")}, path("log"));
  EXPECT_TRUE(told("READY=1")) << log();
}

ServeProcess::~ServeProcess() {
  if (pid_) {
    ::kill(pid_, SIGKILL);
    status_of(pid_);
  }
}

void ServeProcess::signal(int number) const {
  ::kill(pid_, number);
}

bool ServeProcess::told(const std::string& line) {
  auto deadline = std::chrono::steady_clock::now() + 10s;
  while (told_.find(line) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
    pollfd file{notify_.get(), POLLIN, 0};
    std::array<char, 256> packet;
    if (::poll(&file, 1, 100) <= 0) continue;
    ssize_t size = ::recv(notify_.get(), packet.data(), packet.size(), 0);
    if (size > 0) told_.append(packet.data(), static_cast<size_t>(size)) += '\n';
  }
  return told_.find(line) != std::string::npos;
}

std::string ServeProcess::log() const {
  return read_file(path("log"));
}

bool ServeProcess::logged(const std::string& text) const {
  for (int i = 0; i < 500; ++i) {
    if (log().find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

int ServeProcess::wait() {
  return status_of(std::exchange(pid_, 0));
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace lineshaft::tests
