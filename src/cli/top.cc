// lineshaft top: who uses the devices that this machine lends, live.
#include <iostream>
#include <optional>
#include <thread>

#include "cli/command.h"
#include "cli/text.h"
#include "cli/top_screen.h"
#include "lineshaft/base/error.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/terminal.h"
#include "server/status_json.h"
#include "server/status_server.h"
#include "transport/transport.h"

namespace lineshaft::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto kInterval = 1s;

std::string status_socket(const Arguments& arguments) {
  if (auto path = arguments.value("--socket")) return status_socket_of(*path);
  std::string tried;
  for (const std::string& path : well_known_sockets()) {
    std::string status = status_socket_of(path);
    if (file_exists(status)) return status;
    tried += concat(tried.empty() ? "" : " and ", status);
  }
  fail(ErrorCode::kInvalidArgument, "there is no server: ", tried,
       " do not exist; on the machine that lends, start `lineshaft serve`, or name its socket with --socket");
}

int print_once(const std::string& path) {
  ServerStatus before = parse_status(fetch_status(path));
  std::this_thread::sleep_for(kInterval);
  ServerStatus now = parse_status(fetch_status(path));
  for (const std::string& line : top_screen(before, now, terminal_size().width, 0).lines) std::cout << line << "\n";
  return kDone;
}

// The server's status now and a moment ago, while it is there.
class Watch {
 public:
  explicit Watch(std::string path) : path_(std::move(path)) {}

  void refresh() {
    try {
      ServerStatus status = parse_status(fetch_status(path_));
      // Another server counts from the beginning.
      bool same = now_ && now_->time <= status.time && now_->served <= status.served;
      before_ = same ? std::move(*now_) : status;
      now_ = std::move(status);
      problem_.clear();
    } catch (const Error& error) {
      now_.reset();
      problem_ = error.what();
    }
  }

  TopScreen screen(TerminalSize size) const {
    if (!now_) return {{clip(problem_, size), clip("tries again each second; q leaves", size)}, {}};
    return top_screen(before_, *now_, size.width, size.height);
  }

 private:
  static std::string clip(const std::string& text, TerminalSize size) {
    return size.width ? clipped(text, size.width) : text;
  }

  std::string path_, problem_;
  ServerStatus before_;
  std::optional<ServerStatus> now_;
};

int show(const std::string& path) {
  Watch watch(path);
  Terminal terminal;
  auto next = std::chrono::steady_clock::now();
  while (true) {
    if (std::chrono::steady_clock::now() >= next) {
      watch.refresh();
      next = std::chrono::steady_clock::now() + kInterval;
    }
    TopScreen screen = watch.screen(terminal_size());
    terminal.draw(screen.lines, screen.headings);
    auto left = std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
    Terminal::Event event = terminal.wait(std::max(left, std::chrono::milliseconds(0)));
    if (event == Terminal::Event::kEnd) return kDone;
    if (event == Terminal::Event::kKey && (terminal.key() == 'q' || terminal.key() == 'Q')) return kDone;
  }
}

int run_top(const Arguments& arguments) {
  std::string path = status_socket(arguments);
  if (arguments.has("--json")) {
    std::cout << fetch_status(path);
    return kDone;
  }
  if (arguments.has("--once") || !is_terminal()) return print_once(path);
  fetch_status(path);  // what is wrong at the start is an error, later a line on the screen
  return show(path);
}

}  // namespace

Command top_command() {
  return {.name = "top",
          .summary = "Show the guests of this machine's server: memory, share of the devices, throughput",
          .positional = "",
          .options = {{"--socket", "PATH",
                       "where the server listens (/run/lineshaft/lineshaft.sock, else "
                       "$XDG_RUNTIME_DIR)"},
                      {"--once", nullptr, "print one second's figures and end, as where the output is no terminal"},
                      {"--json", nullptr, "print the server's counters as one JSON object, for programs"}},
          .examples =
              "  lineshaft top                    # q or Ctrl-C leaves\n"
              "  lineshaft top --once             # one second, as text\n"
              "  lineshaft top --json | python3 -m json.tool\n",
          .run = run_top};
}

}  // namespace lineshaft::cli
