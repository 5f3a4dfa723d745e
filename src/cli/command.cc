#include "cli/command.h"

#include <algorithm>
#include <charconv>

#include "lineshaft/base/error.h"
#include "platform/environment.h"

namespace lineshaft::cli {
namespace {

const Option* find(const Command& command, const std::string& name) {
  auto at = std::ranges::find_if(command.options, [&](const Option& option) { return name == option.name; });
  return at == command.options.end() ? nullptr : &*at;
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size() + 2), ' ');
  return text;
}

}  // namespace

std::optional<std::string> Arguments::value(const std::string& name) const {
  auto at = options_.find(name);
  if (at == options_.end()) return std::nullopt;
  return at->second.back();
}

std::vector<std::string> Arguments::values(const std::string& name) const {
  auto at = options_.find(name);
  return at == options_.end() ? std::vector<std::string>{} : at->second;
}

int64_t Arguments::number(const std::string& name, int64_t otherwise, int64_t least) const {
  auto text = value(name);
  if (!text) return otherwise;
  int64_t number = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  LS_REQUIRE(error == std::errc() && end == text->data() + text->size() && number >= least, name,
             " takes a whole number, ", least, " or more, not \"", *text, "\"");
  return number;
}

int64_t Arguments::bytes(const std::string& name, int64_t otherwise, int64_t least) const {
  auto text = value(name);
  if (!text) return otherwise;
  auto bytes = parse_bytes(*text);
  LS_REQUIRE(bytes && *bytes >= least, name, " takes a size such as 512M or 8G, ", least, " bytes or more, not \"",
             *text, "\"");
  return *bytes;
}

Found find_command(const std::vector<Command>& commands, const std::vector<std::string>& words) {
  Found found;
  const std::vector<Command>* among = &commands;
  std::string name;
  for (size_t i = 0; i < words.size() && !among->empty(); ++i) {
    name += (i ? " " : "") + words[i];
    auto at = std::ranges::find_if(*among, [&](const Command& command) { return name == command.name; });
    if (at == among->end()) break;
    found = {&*at, i + 1};
    among = &at->commands;
  }
  return found;
}

Arguments parse(const Command& command, const std::vector<std::string>& words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      arguments.positional_.insert(arguments.positional_.end(), words.begin() + static_cast<ptrdiff_t>(i) + 1,
                                   words.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      LS_REQUIRE(*command.positional, "lineshaft ", command.name, " takes no argument, but was given \"", word, "\"");
      arguments.positional_.push_back(word);
      continue;
    }
    size_t equals = word.find('=');
    std::string name = word.substr(0, equals);
    const Option* option = find(command, name);
    LS_REQUIRE(option, "lineshaft ", command.name, " has no option ", name, "; see lineshaft ", command.name,
               " --help");
    if (!option->value) {
      LS_REQUIRE(equals == std::string::npos, name, " takes no value");
      arguments.options_[name].emplace_back();
    } else if (equals != std::string::npos) {
      arguments.options_[name].push_back(word.substr(equals + 1));
    } else {
      LS_REQUIRE(i + 1 < words.size(), name, " takes a value: ", name, " ", option->value);
      arguments.options_[name].push_back(words[++i]);
    }
  }
  bool needed = *command.positional && *command.positional != '[';
  LS_REQUIRE(!needed || !arguments.positional_.empty(), "lineshaft ", command.name, " takes ", command.positional,
             "; see lineshaft ", command.name, " --help");
  return arguments;
}

std::string list_of(const std::vector<Command>& commands) {
  size_t width = 12;
  for (const Command& command : commands) width = std::max(width, std::string(command.name).size() + 2);
  std::string text;
  for (const Command& command : commands)
    if (!command.hidden) text += concat("  ", padded(command.name, width), command.summary, "\n");
  return text;
}

std::vector<std::string> completions(const std::vector<Command>& commands, const std::vector<std::string>& words) {
  Found found = find_command(commands, words);
  if (!found.command && !words.empty()) return {};
  const std::vector<Command>& offered = found.command ? found.command->commands : commands;
  std::vector<std::string> result;
  for (const Command& command : offered) {
    if (command.hidden) continue;
    std::string name = command.name;
    result.push_back(name.substr(name.rfind(' ') + 1));
  }
  if (found.command && offered.empty()) {
    for (const Option& option : found.command->options) result.emplace_back(option.name);
    result.emplace_back("--help");
  }
  return result;
}

std::string help_of(const Command& command) {
  if (!command.commands.empty())
    return concat("usage: lineshaft ", command.name, " COMMAND [options]\n\n", command.summary, "\n\ncommands:\n",
                  list_of(command.commands), "\n`lineshaft ", command.commands.front().name,
                  " --help` shows a command's options and examples.\n\nexamples:\n", command.examples);
  std::string text = concat("usage: lineshaft ", command.name, " [options]");
  if (*command.positional) text += concat(" ", command.positional);
  text += concat("\n\n", command.summary, "\n\noptions:\n");
  for (const Option& option : command.options)
    text += concat("  ", padded(concat(option.name, option.value ? " " : "", option.value ? option.value : ""), 20),
                   option.help, "\n");
  text += concat("  ", padded("--help", 20), "show this\n\nexamples:\n", command.examples);
  return text;
}

}  // namespace lineshaft::cli
