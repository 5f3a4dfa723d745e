// The `lineshaft` command: finds the subcommand, checks its arguments, runs it.
#include <algorithm>
#include <iostream>

#include "cli/command.h"
#include "lineshaft/base/error.h"

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
  return "usage: lineshaft COMMAND [options]\n\ncommands:\n" + list_of(commands()) +
         "\n`lineshaft COMMAND --help` shows a command's options and examples.\n"
         "LINESHAFT_DEVICES chooses and orders the devices: LINESHAFT_DEVICES=vulkan:0,cpu\n";
}

int complete(const std::vector<std::string>& words) {
  for (const std::string& word : completions(commands(), words)) std::cout << word << "\n";
  return kDone;
}

// A group without one of its commands, `words` being what follows its name.
int refuse(const Command& group, const std::vector<std::string>& words) {
  if (!words.empty()) std::cerr << "lineshaft: there is no command \"" << group.name << " " << words[0] << "\"\n";
  std::cerr << help_of(group);
  return kUsage;
}

// No command has the name `word`, or this build was made without it.
int refuse(const std::string& word) {
#define LINESHAFT_LEFT_OUT(name, option, packages)                                                        \
  if (word == #name) {                                                                                    \
    std::cerr << "lineshaft: this build was made without `lineshaft " #name "` (-D" option                \
                 "=OFF). "                                                                                \
                 "Install what it takes, " packages " on Debian and Ubuntu, and build Lineshaft again\n"; \
    return kProblem;                                                                                      \
  }
#include "cli/commands.def"
  std::cerr << "lineshaft: there is no command \"" << word << "\"\n" << help();
  return kUsage;
}

int run(std::vector<std::string> words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::cout << help();
    return words.empty() ? kUsage : kDone;
  }
  if (words[0] == "--version") words[0] = "version";
  if (words[0] == "__complete") return complete({words.begin() + 1, words.end()});
  const std::vector<Command> all = commands();
  Found found = find_command(all, words);
  if (!found.command) return refuse(words[0]);
  const Command& command = *found.command;
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(found.words));
  auto own = std::ranges::find(words, "--");
  if (std::any_of(words.begin(), own, [](const auto& word) { return word == "--help" || word == "-h"; })) {
    std::cout << help_of(command);
    return kDone;
  }
  if (!command.run) return refuse(command, words);
  std::optional<Arguments> arguments;
  try {
    arguments = parse(command, words);
  } catch (const Error& error) {
    std::cerr << "lineshaft: " << error.what() << "\n";
    return kUsage;
  }
  return command.run(*arguments);
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
