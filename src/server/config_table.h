// A table of a TOML file, read key by key: what is wrong with a value, and keys that nobody asks for, are errors that
// say where.
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
  // `name` is the table's own, with a dot where it has one: "guest."
  ConfigTable(const toml::table& table, std::string name, const std::string& file)
      : table_(table), name_(std::move(name)), file_(file) {}

  // Nothing where the key is not there. Throw Error(kInvalidArgument) where the value is of another kind.
  std::optional<std::string> text(std::string_view key, std::string_view example);
  std::optional<std::vector<std::string>> texts(std::string_view key, std::string_view example);
  std::optional<bool> boolean(std::string_view key);
  std::optional<int64_t> whole(std::string_view key, int64_t least, int64_t most = std::numeric_limits<int64_t>::max());
  std::optional<double> number(std::string_view key, double least, double most);
  std::optional<int64_t> bytes(std::string_view key, int64_t least);  // "8G", or a number of bytes
  std::optional<ConfigTable> table(std::string_view key);
  std::vector<ConfigTable> tables(std::string_view key);  // [[key]]

  // Once every key has been asked for: throws for one that has not.
  void finish() const;
  // "lineshaft.toml:7: guest.memory = "x": " and what is wrong. The key is there, or the table itself is meant.
  [[noreturn]] void wrong(std::string_view key, const std::string& what) const;

 private:
  const toml::node* find(std::string_view key);
  std::string at(const toml::node& node) const;

  const toml::table& table_;
  std::string name_;
  const std::string& file_;
  std::vector<std::string> known_;
};

// What the parser itself finds wrong is thrown as Error(kInvalidArgument) too.
toml::table parse_toml(std::string_view text, const std::string& file);

}  // namespace lineshaft
