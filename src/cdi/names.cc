#include "cdi/names.h"

#include <algorithm>

#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Letters, digits and `between`; the first a letter, or a digit if `digit_first`; the last a letter or digit.
std::string wrong_name(std::string_view name, std::string_view between, bool digit_first) {
  if (name.empty()) return "is empty";
  if (!is_letter(name.front()) && !(digit_first && is_digit(name.front())))
    return concat("begins with '", name.front(), "', and the first character is a letter",
                  digit_first ? " or digit" : "");
  if (!is_letter(name.back()) && !is_digit(name.back()))
    return concat("ends with '", name.back(), "', and the last character is a letter or digit");
  for (char c : name)
    if (!is_letter(c) && !is_digit(c) && between.find(c) == std::string_view::npos)
      return concat("holds '", c, "', and letters, digits and the characters ", between, " are what it may hold");
  return "";
}

}  // namespace

std::string wrong_kind(std::string_view kind) {
  size_t slash = kind.find('/');
  if (slash == std::string_view::npos) return "has no '/'; a kind is VENDOR/CLASS, as vendor.com/gpu";
  std::string wrong = wrong_name(kind.substr(0, slash), "_-.", false);
  if (!wrong.empty()) return "has a vendor that " + wrong;
  wrong = wrong_name(kind.substr(slash + 1), "_-.", false);
  if (!wrong.empty()) return "has a class that " + wrong;
  return "";
}

std::string wrong_device_name(std::string_view name) {
  return wrong_name(name, "_-.:", true);
}

std::string wrong_env(std::string_view variable) {
  size_t equals = variable.find('=');
  if (equals == std::string_view::npos) return "has no '='; a variable is NAME=VALUE";
  return equals == 0 ? "has no name before '='; a variable is NAME=VALUE" : "";
}

const std::vector<std::string>& known_versions() {
  static const std::vector<std::string> versions = {"0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0",
                                                    "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0"};
  return versions;
}

std::string version_of_kind(std::string_view kind) {
  size_t slash = kind.find('/');
  bool dotted = slash != std::string_view::npos && kind.find('.', slash) != std::string_view::npos;
  return dotted ? "0.6.0" : kEarliestVersion;
}

std::string version_of_device_name(std::string_view name) {
  return !name.empty() && is_digit(name.front()) ? "0.5.0" : kEarliestVersion;
}

QualifiedName parse_qualified_name(std::string_view text) {
  size_t equals = text.find('=');
  LS_REQUIRE(equals != std::string_view::npos, "\"", text,
             "\" names no CDI device: write KIND=NAME, as lineshaft.dev/gpu=all");
  QualifiedName name{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
  for (const std::string& wrong : {wrong_kind(name.kind), wrong_device_name(name.name)})
    LS_REQUIRE(wrong.empty(), "\"", text, "\" names no CDI device: it ", wrong);
  return name;
}

}  // namespace lineshaft::cdi
