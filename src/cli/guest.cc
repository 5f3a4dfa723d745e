// lineshaft guest: runs a program that has a server's devices and nothing else.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "cli/command.h"
#include "lineshaft/base/error.h"
#include "platform/environment.h"
#include "platform/isolation.h"
#include "transport/transport.h"

namespace lineshaft::cli {
namespace {

std::string server_address(const Arguments& arguments) {
  if (auto path = arguments.value("--socket")) return "unix:" + *path;
  if (auto server = environment("LINESHAFT_SERVER")) return *server;
  std::string tried;
  for (const std::string& path : well_known_sockets()) {
    if (::access(path.c_str(), F_OK) == 0) return "unix:" + path;
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
  ::setenv("LINESHAFT_SERVER", server_address(arguments).c_str(), 1);
  isolate_from_gpus();
  std::vector<char*> program;
  for (std::string& word : words) program.push_back(word.data());
  program.push_back(nullptr);
  ::execvp(program[0], program.data());
  fail(ErrorCode::kInvalidArgument, words[0], " cannot be run: ", std::strerror(errno));
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
