// A parsed document with what is found wrong in it: the checks of check.cc are made of these.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cdi/check.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cdi {

class Document {
 public:
  explicit Document(std::vector<Problem>& problems) : problems_(problems) {}

  template <class... Parts>
  void wrong(const YAML::Node& at, const std::string& where, const Parts&... parts) {
    problems_.push_back({at.IsDefined() && !at.Mark().is_null() ? at.Mark().line + 1 : 0, where, concat(parts...)});
  }

  // Whether the node is a mapping; keys that are not `known`, and keys that come twice, are wrong.
  bool mapping(const YAML::Node& node, const std::string& where, const std::vector<std::string_view>& known);
  // The field's value if it is there and not null.
  static YAML::Node field(const YAML::Node& mapping, const char* name);
  // Calls `each` with the entries of a list and where they are.
  void list(const YAML::Node& mapping, const std::string& where, const char* name,
            const std::function<void(const YAML::Node&, const std::string&)>& each);
  // Text; "" if it is missing or no text. A number is text too, as CDI's own library reads it.
  std::string text(const YAML::Node& mapping, const std::string& where, const char* name, bool required = false);
  // A text that is required and begins with a slash.
  std::string absolute_path(const YAML::Node& mapping, const std::string& where, const char* name);
  // A whole number between the bounds, if it is there.
  void number(const YAML::Node& mapping, const std::string& where, const char* name, int64_t least, int64_t most);
  // An entry of a list that is text.
  std::string text_entry(const YAML::Node& entry, const std::string& where);

 private:
  std::vector<Problem>& problems_;
};

std::string join(const std::string& where, const std::string& name);

}  // namespace lineshaft::cdi
