#include "server/config_table.h"

#include <algorithm>
#include <sstream>

#include "lineshaft/base/error.h"
#include "platform/environment.h"

namespace lineshaft {
namespace {

std::string printed(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, toml::table>)
      out << "a table";
    else
      out << toml::toml_formatter(value);
  });
  return out.str().substr(0, 80);
}

}  // namespace

const toml::node* ConfigTable::find(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

std::string ConfigTable::at(const toml::node& node) const {
  return concat(file_, ":", node.source().begin.line, ": ");
}

void ConfigTable::wrong(std::string_view key, const std::string& what) const {
  const toml::node* node = table_.get(key);
  if (!node) fail(ErrorCode::kInvalidArgument, at(table_), name_, key, " ", what);
  fail(ErrorCode::kInvalidArgument, at(*node), name_, key, " = ", printed(*node), ": ", what);
}

std::optional<std::string> ConfigTable::text(std::string_view key, std::string_view example) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_string()) wrong(key, concat("it takes a text such as \"", example, "\""));
  return node->as_string()->get();
}

std::optional<std::vector<std::string>> ConfigTable::texts(std::string_view key, std::string_view example) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  std::vector<std::string> all;
  bool good = node->is_array();
  if (good)
    for (const toml::node& each : *node->as_array()) {
      good &= each.is_string();
      if (each.is_string()) all.push_back(each.as_string()->get());
    }
  if (!good) wrong(key, concat("it takes a list of texts such as [\"", example, "\"]"));
  return all;
}

std::optional<bool> ConfigTable::boolean(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_boolean()) wrong(key, "it is true or false");
  return node->as_boolean()->get();
}

std::optional<int64_t> ConfigTable::whole(std::string_view key, int64_t least, int64_t most) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  auto value = node->is_integer() ? std::optional(node->as_integer()->get()) : std::nullopt;
  if (!value || *value < least || *value > most)
    wrong(key, most == std::numeric_limits<int64_t>::max() ? concat("it takes a whole number, ", least, " or more")
                                                           : concat("it takes a whole number, ", least, " to ", most));
  return value;
}

std::optional<double> ConfigTable::number(std::string_view key, double least, double most) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value || !(*value >= least && *value <= most)) wrong(key, concat("it takes a number, ", least, " to ", most));
  return value;
}

std::optional<int64_t> ConfigTable::bytes(std::string_view key, int64_t least) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  std::optional<int64_t> size;
  if (node->is_integer()) size = node->as_integer()->get();
  if (node->is_string()) size = parse_bytes(node->as_string()->get());
  if (!size || *size < least)
    wrong(key, concat("it takes a size such as \"512M\" or \"8G\", or a number of bytes, ", least, " or more"));
  return size;
}

std::optional<ConfigTable> ConfigTable::table(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_table()) wrong(key, concat("it is a table: [", key, "] on a line of its own"));
  return ConfigTable(*node->as_table(), concat(key, "."), file_);
}

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) {
  const toml::node* node = find(key);
  std::vector<ConfigTable> all;
  if (!node) return all;
  if (!node->is_array_of_tables())
    wrong(key, concat("it is a list of tables: [[", key, "]] on a line of its own before each"));
  for (const toml::node& each : *node->as_array()) all.emplace_back(*each.as_table(), concat(key, "."), file_);
  return all;
}

void ConfigTable::finish() const {
  for (const auto& [key, node] : table_) {
    if (std::ranges::find(known_, key.str()) != known_.end()) continue;
    std::string may;
    for (const std::string& name : known_) may += concat(may.empty() ? "" : ", ", name);
    fail(ErrorCode::kInvalidArgument, at(node), name_, key.str(), " is no key; there are: ", may);
  }
}

toml::table parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    fail(ErrorCode::kInvalidArgument, file, ":", error.source().begin.line, ": ", error.description());
  }
}

}  // namespace lineshaft
