#include "platform/environment.h"

#include <cstdlib>
#include <string_view>

#include "lineshaft/base/error.h"

namespace lineshaft {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return std::string(value);
}

std::optional<int64_t> parse_bytes(const std::string& text) {
  static constexpr std::string_view kUnits = "kmgt";
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !(number >= 0)) return std::nullopt;
  if (*end) {
    size_t unit = kUnits.find(static_cast<char>(*end | 0x20));
    if (unit == std::string_view::npos || end[1]) return std::nullopt;
    number *= static_cast<double>(int64_t{1} << (10 * (unit + 1)));
  }
  if (number >= 0x1p63) return std::nullopt;
  return static_cast<int64_t>(number);
}

std::optional<int64_t> environment_bytes(const char* name) {
  auto text = environment(name);
  if (!text) return std::nullopt;
  auto bytes = parse_bytes(*text);
  LS_REQUIRE(bytes, name, "=", *text, " is not a size in bytes; write for example 512M or 2G");
  return bytes;
}

std::optional<bool> environment_switch(const char* name) {
  auto text = environment(name);
  if (!text) return std::nullopt;
  for (const char* yes : {"on", "1", "true", "yes"})
    if (*text == yes) return true;
  for (const char* no : {"off", "0", "false", "no"})
    if (*text == no) return false;
  fail(ErrorCode::kInvalidArgument, name, "=", *text, " is neither on nor off");
}

}  // namespace lineshaft
