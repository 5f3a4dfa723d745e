// What CDI's names may be, and which version of CDI has what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lineshaft::cdi {

// A decimal digit, whatever the locale.
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Each says what is wrong with the name, to follow "it": "begins with '-', ...". Empty if nothing is.
std::string wrong_kind(std::string_view kind);         // "vendor.com/class"
std::string wrong_device_name(std::string_view name);  // "0", "GPU-1f2e", "0000:03:00.0"
std::string wrong_env(std::string_view variable);      // "NAME=VALUE"

// The released versions, oldest first. They compare as text.
const std::vector<std::string>& known_versions();
inline constexpr const char* kEarliestVersion = "0.3.0";
// The first version that takes such a name.
std::string version_of_kind(std::string_view kind);
std::string version_of_device_name(std::string_view name);

// "vendor.com/class=name" taken apart. Throws Error(kInvalidArgument) for what is none.
struct QualifiedName {
  std::string kind;
  std::string name;
};
QualifiedName parse_qualified_name(std::string_view text);

}  // namespace lineshaft::cdi
