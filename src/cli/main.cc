// The `lineshaft` command: finds the subcommand, checks its arguments, runs it.
#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "cli/command.h"

namespace lineshaft::cli {

#define LINESHAFT_COMMAND(name) Command name##_command();
#include "cli/commands.def"

namespace {

std::vector<Command> commands() {
  return {
#define LINESHAFT_COMMAND(name) name##_command(),
#include "cli/commands.def"
  };
}

std::string help() {
  std::string text = "usage: lineshaft COMMAND [options]\n\ncommands:\n";
  for (const Command& command : commands())
    if (!command.hidden)
      text +=
          concat("  ", command.name, std::string(12 - std::string(command.name).size(), ' '), command.summary, "\n");
  return text +
         "\n`lineshaft COMMAND --help` shows a command's options and examples.\n"
         "LINESHAFT_DEVICES chooses and orders the devices: LINESHAFT_DEVICES=vulkan:0,cpu\n";
}

// What the shell's completion offers after `words`.
int complete(const std::vector<std::string>& words) {
  for (const Command& command : commands()) {
    if (words.empty() && !command.hidden) std::cout << command.name << "\n";
    if (words.empty() || words[0] != command.name) continue;
    for (const Option& option : command.options) std::cout << option.name << "\n";
    std::cout << "--help\n";
  }
  return kDone;
}

int run(std::vector<std::string> words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::cout << help();
    return words.empty() ? kUsage : kDone;
  }
  std::string name = words[0] == "--version" ? "version" : words[0];
  words.erase(words.begin());
  if (name == "__complete") return complete(words);
  for (const Command& command : commands()) {
    if (name != command.name) continue;
    auto own = std::ranges::find(words, "--");
    if (std::any_of(words.begin(), own, [](const auto& word) { return word == "--help" || word == "-h"; })) {
      std::cout << help_of(command);
      return kDone;
    }
    std::optional<Arguments> arguments;
    try {
      arguments = parse(command, words);
    } catch (const Error& error) {
      std::cerr << "lineshaft: " << error.what() << "\n";
      return kUsage;
    }
    return command.run(*arguments);
  }
  std::cerr << "lineshaft: there is no command \"" << name << "\"\n" << help();
  return kUsage;
}

}  // namespace
}  // namespace lineshaft::cli

int main(int count, char** words) {
  try {
    return lineshaft::cli::run(std::vector<std::string>(words + 1, words + count));
  } catch (const std::exception& error) {
    std::cerr << "lineshaft: " << error.what() << "\n";
    return lineshaft::cli::kProblem;
  }
}
