// lineshaft guest: runs a program that has a server's devices and nothing else.
#include "cli/command.h"
#include "lineshaft/base/error.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/isolation.h"
#include "platform/process.h"
#include "transport/transport.h"

namespace lineshaft::cli {
namespace {

std::string server_address(const Arguments& arguments) {
  if (auto path = arguments.value("--socket")) return "unix:" + *path;
  if (auto server = environment("LINESHAFT_SERVER")) return *server;
  std::string tried;
  for (const std::string& path : well_known_sockets()) {
    if (file_exists(path)) return "unix:" + path;
    tried += concat(tried.empty() ? "" : " and ", path);
  }
  fail(ErrorCode::kInvalidArgument, "there is no server: ", tried,
       " do not exist; start `lineshaft serve`, or name its socket with --socket");
}

int run_guest(const Arguments& arguments) {
  std::vector<std::string> words = arguments.positional();
  LS_REQUIRE(words.front() == "run", "lineshaft guest knows \"run\", not \"", words.front(), "\"");
  words.erase(words.begin());
  LS_REQUIRE(!words.empty(), "no program is named; for example: lineshaft guest run -- python train.py");
  set_environment("LINESHAFT_SERVER", server_address(arguments));
  isolate_from_gpus();
  become_program(words);
}

}  // namespace

Command guest_command() {
  return {.name = "guest",
          .summary = "Run a program as a guest: no network, no GPU files, only the server's socket",
          .positional = "run -- PROGRAM [ARGUMENT...]",
          .options = {{"--socket", "PATH", "the server's socket (LINESHAFT_SERVER, else where `serve` listens)"}},
          .examples =
              "  lineshaft guest run -- python train.py\n"
              "  lineshaft guest run --socket /tmp/shaft.sock -- lineshaft devices\n",
          .run = run_guest};
}

}  // namespace lineshaft::cli
