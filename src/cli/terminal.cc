#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace lineshaft::cli {
namespace {

constexpr const char* kEnter = "\033[?1049h\033[?25l";         // another screen, no cursor
constexpr const char* kLeave = "\033[0m\033[?25h\033[?1049l";  // what was there before
constexpr const char* kHome = "\033[H";
constexpr const char* kRestOfLine = "\033[K";
constexpr const char* kRestOfScreen = "\033[J";

void put(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    ssize_t written = ::write(STDOUT_FILENO, text.data() + at, text.size() - at);
    if (written <= 0) return;
    at += static_cast<size_t>(written);
  }
}

sigset_t handled() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP}) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

bool is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col, size.ws_row};
}

Terminal::Terminal() : keys_(::isatty(STDIN_FILENO) == 1) {
  sigset_t set = handled();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  enter();
}

Terminal::~Terminal() {
  leave();
  sigset_t set = handled();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void Terminal::enter() {
  if (keys_ && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
  }
  put(kEnter);
}

void Terminal::leave() noexcept {
  put(kLeave);
  if (keys_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

void Terminal::draw(const std::vector<std::string>& lines, const std::vector<size_t>& bold) {
  std::string text = kHome;
  for (size_t i = 0; i < lines.size(); ++i) {
    bool heading = std::ranges::find(bold, i) != bold.end();
    text += (heading ? "\033[1m" : "") + lines[i] + (heading ? "\033[0m" : "") + kRestOfLine;
    if (i + 1 < lines.size()) text += "\r\n";
  }
  put(text + kRestOfScreen);
}

Terminal::Event Terminal::wait(std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> files{{{signals_.get(), POLLIN, 0}, {keys_ ? STDIN_FILENO : -1, POLLIN, 0}}};
  if (::poll(files.data(), files.size(), static_cast<int>(timeout.count())) <= 0) return Event::kNone;
  signalfd_siginfo signal{};
  if (files[0].revents && ::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGWINCH) return Event::kResize;
    if (signal.ssi_signo != SIGTSTP) return Event::kEnd;
    leave();
    ::raise(SIGSTOP);
    enter();
    return Event::kResize;
  }
  if (files[1].revents) return ::read(STDIN_FILENO, &key_, 1) == 1 ? Event::kKey : Event::kEnd;
  return Event::kNone;
}

}  // namespace lineshaft::cli
