#include "platform/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "platform/descriptor.h"

namespace lineshaft {
namespace {

constexpr const char* kEnterScreen = "\033[?1049h\033[?25l";         // another screen, no cursor
constexpr const char* kLeaveScreen = "\033[0m\033[?25h\033[?1049l";  // what was there before

void put_on_screen(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    ssize_t written = ::write(STDOUT_FILENO, text.data() + at, text.size() - at);
    if (written <= 0) return;
    at += static_cast<size_t>(written);
  }
}

sigset_t terminal_signals() {
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

struct Terminal::State {
  Descriptor signals;
  bool keys = ::isatty(STDIN_FILENO) == 1;  // the standard input is the terminal
  termios before{};

  void enter() {
    if (keys && ::tcgetattr(STDIN_FILENO, &before) == 0) {
      termios raw = before;
      raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      raw.c_cc[VMIN] = 0;
      raw.c_cc[VTIME] = 0;
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    }
    put_on_screen(kEnterScreen);
  }

  void leave() {
    put_on_screen(kLeaveScreen);
    if (keys) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  }
};

Terminal::Terminal() : state_(std::make_unique<State>()) {
  sigset_t set = terminal_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  state_->signals = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  state_->enter();
}

Terminal::~Terminal() {
  state_->leave();
  sigset_t set = terminal_signals();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void Terminal::draw(const std::vector<std::string>& lines, const std::vector<size_t>& bold) {
  put_on_screen(screen_text(lines, bold));
}

Terminal::Event Terminal::wait(std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> files{{{state_->signals.get(), POLLIN, 0}, {state_->keys ? STDIN_FILENO : -1, POLLIN, 0}}};
  if (::poll(files.data(), files.size(), static_cast<int>(timeout.count())) <= 0) return Event::kNone;
  signalfd_siginfo signal{};
  if (files[0].revents && ::read(state_->signals.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGWINCH) return Event::kResize;
    if (signal.ssi_signo != SIGTSTP) return Event::kEnd;
    state_->leave();
    ::raise(SIGSTOP);
    state_->enter();
    return Event::kResize;
  }
  if (files[1].revents) return ::read(STDIN_FILENO, &key_, 1) == 1 ? Event::kKey : Event::kEnd;
  return Event::kNone;
}

}  // namespace lineshaft
