// A table of a TOML file, read key by key. Wrong values, and keys that the program does not read, are errors with file
// and line.
#pragma once

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lineshaft {

class ConfigTable {
 public:
  // `name` is the prefix of the table's keys in errors: "guest.", or empty for the top level. `table` and `file` must
  // outlive this object.
  ConfigTable(const toml::table& table, std::string name, const std::string& file)
      : table_(table), name_(std::move(name)), file_(file) {}

  // The value of a key; nothing where the key does not exist. They throw Error(kInvalidArgument) where the value has
  // another type or is outside its limits.
  std::optional<std::string> text(std::string_view key, std::string_view example);
  std::optional<std::vector<std::string>> texts(std::string_view key, std::string_view example);
  std::optional<bool> boolean(std::string_view key);
  std::optional<int64_t> whole(std::string_view key, int64_t least, int64_t most = std::numeric_limits<int64_t>::max());
  std::optional<double> number(std::string_view key, double least, double most);
  std::optional<int64_t> bytes(std::string_view key, int64_t least);  // "8G", or a number of bytes
  std::optional<ConfigTable> table(std::string_view key);
  std::vector<ConfigTable> tables(std::string_view key);  // [[key]]

  // Call it after all keys have been read: throws Error(kInvalidArgument) for a key that has not been read.
  void finish() const;
  // Throws Error(kInvalidArgument) with the place and the key's value, as in "lineshaft.toml:7: guest.memory = "x": ",
  // and then `what`. Where the table does not have the key, the place is that of the table.
  [[noreturn]] void wrong(std::string_view key, const std::string& what) const;

 private:
  const toml::node* find(std::string_view key);
  std::string at(const toml::node& node) const;

  const toml::table& table_;
  std::string name_;
  const std::string& file_;
  std::vector<std::string> known_;
};

// Parses a TOML file. Throws Error(kInvalidArgument) for the parser's errors.
toml::table parse_toml(std::string_view text, const std::string& file);

}  // namespace lineshaft
