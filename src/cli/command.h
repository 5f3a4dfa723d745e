// What a subcommand of `lineshaft` is: a table of its options with their help, and a function. The help, the checks of
// the arguments and the shell's completion all come from the table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lineshaft::cli {

struct Option {
  const char* name;   // "--json"
  const char* value;  // what follows, for the help: "PATH"; null for a switch
  const char* help;
};

class Arguments;

struct Command {
  const char* name;
  const char* summary;     // one line
  const char* positional;  // "FILE", "[FILE]", "" for none
  std::vector<Option> options;
  const char* examples;  // lines, each "command   # what it does"
  int (*run)(const Arguments&);
  bool hidden = false;  // started by other commands; not in the list
  // A group such as `lineshaft cdi` has commands of its own, each named in full ("cdi list"), and no options or `run`.
  std::vector<Command> commands = {};
};

// Exit statuses.
inline constexpr int kDone = 0;
inline constexpr int kProblem = 1;  // it ran, and something is wrong or was not found
inline constexpr int kUsage = 2;    // the arguments are not what the command takes

class Arguments {
 public:
  bool has(const std::string& name) const { return options_.contains(name); }
  // The option's value, the last where it is given several times.
  std::optional<std::string> value(const std::string& name) const;
  // All values, in the order given.
  std::vector<std::string> values(const std::string& name) const;
  // The option's value as a whole number at least `least`. Throws Error(kInvalidArgument).
  int64_t number(const std::string& name, int64_t otherwise, int64_t least = 1) const;
  // The option's value as a size, "512M" or "8G" or bytes, at least `least` bytes. Throws likewise.
  int64_t bytes(const std::string& name, int64_t otherwise, int64_t least) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  friend Arguments parse(const Command& command, const std::vector<std::string>& words);
  std::map<std::string, std::vector<std::string>> options_;
  std::vector<std::string> positional_;
};

// The command that the first of `words` name ("cdi", "list", "--json"), and how many of the words that takes; a group
// where no further word names one of its commands; null and 0 where the first word names nothing.
struct Found {
  const Command* command = nullptr;
  size_t words = 0;
};
Found find_command(const std::vector<Command>& commands, const std::vector<std::string>& words);

// What follows "--" is positional, whatever it looks like. Throws Error(kInvalidArgument) for what the command does not
// take, naming it.
Arguments parse(const Command& command, const std::vector<std::string>& words);

std::string help_of(const Command& command);
// The commands with their summaries, a line each.
std::string list_of(const std::vector<Command>& commands);
// What the shell's completion offers after `words`: commands, or the options of the command that they name.
std::vector<std::string> completions(const std::vector<Command>& commands, const std::vector<std::string>& words);

}  // namespace lineshaft::cli
