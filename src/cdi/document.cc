#include "cdi/document.h"

#include <algorithm>
#include <set>

namespace lineshaft::cdi {
namespace {

const char* kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "nothing";
  }
}

}  // namespace

std::string join(const std::string& where, const std::string& name) {
  return where.empty() ? name : where + "." + name;
}

bool Document::mapping(const YAML::Node& node, const std::string& where, const std::vector<std::string_view>& known) {
  if (!node.IsMap()) {
    wrong(node, where, "is ", kind_of(node), ", and a mapping belongs here");
    return false;
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (!seen.insert(name).second) wrong(entry.first, join(where, name), "comes twice");
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string fields;
    for (std::string_view field : known) fields += concat(fields.empty() ? "" : ", ", field);
    wrong(entry.first, join(where, name), "is no field that CDI knows here; it knows ", fields);
  }
  return true;
}

YAML::Node Document::field(const YAML::Node& mapping, const char* name) {
  YAML::Node value = mapping[name];
  return value.IsDefined() && !value.IsNull() ? value : YAML::Node(YAML::NodeType::Undefined);
}

void Document::list(const YAML::Node& mapping, const std::string& where, const char* name,
                    const std::function<void(const YAML::Node&, const std::string&)>& each) {
  YAML::Node node = field(mapping, name);
  if (!node.IsDefined()) return;
  if (!node.IsSequence()) return wrong(node, join(where, name), "is ", kind_of(node), ", and a list belongs here");
  size_t index = 0;
  for (const YAML::Node& entry : node) each(entry, concat(join(where, name), "[", index++, "]"));
}

std::string Document::text_entry(const YAML::Node& entry, const std::string& where) {
  if (entry.IsScalar()) return entry.Scalar();
  wrong(entry, where, "is ", kind_of(entry), ", and text belongs here");
  return "";
}

std::string Document::text(const YAML::Node& mapping, const std::string& where, const char* name, bool required) {
  YAML::Node node = field(mapping, name);
  if (!node.IsDefined()) {
    if (required) wrong(mapping, join(where, name), "is missing");
    return "";
  }
  std::string text = text_entry(node, join(where, name));
  if (required && node.IsScalar() && text.empty()) wrong(node, join(where, name), "is empty");
  return text;
}

std::string Document::absolute_path(const YAML::Node& mapping, const std::string& where, const char* name) {
  std::string path = text(mapping, where, name, true);
  if (!path.empty() && path[0] != '/')
    wrong(field(mapping, name), join(where, name), "is \"", path, "\", and an absolute path belongs here");
  return path;
}

void Document::number(const YAML::Node& mapping, const std::string& where, const char* name, int64_t least,
                      int64_t most) {
  YAML::Node node = field(mapping, name);
  if (!node.IsDefined()) return;
  int64_t value = 0;
  // Text in quotes is tagged "!".
  bool whole = node.IsScalar() && node.Tag() != "!" && YAML::convert<int64_t>::decode(node, value);
  if (whole && value >= least && value <= most) return;
  wrong(node, join(where, name), "is ", node.IsScalar() ? "\"" + node.Scalar() + "\"" : kind_of(node),
        ", and a whole number from ", least, " to ", most, " belongs here");
}

}  // namespace lineshaft::cdi
