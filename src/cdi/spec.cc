#include "cdi/spec.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "cdi/names.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

// YAML with quoted strings, so that the name 0 stays a string; JSON is the same written in one line.
class Writer {
 public:
  explicit Writer(Format format) : json_(format == Format::kJson) {
    out_.SetStringFormat(YAML::DoubleQuoted);
    if (!json_) return;
    out_.SetSeqFormat(YAML::Flow);
    out_.SetMapFormat(YAML::Flow);
    out_.SetOutputCharset(YAML::EscapeAsJson);
  }

  std::string text(const Spec& spec) {
    out_ << YAML::BeginMap;
    field("cdiVersion", required_version(spec));
    field("kind", spec.kind);
    if (!(spec.edits == Edits{})) edits(spec.edits);
    list("devices", spec.devices, [&](const Device& device) {
      out_ << YAML::BeginMap;
      field("name", device.name);
      edits(device.edits);
      out_ << YAML::EndMap;
    });
    out_ << YAML::EndMap;
    if (!out_.good()) fail(ErrorCode::kInternal, "yaml-cpp does not write the spec: ", out_.GetLastError());
    return std::string(out_.c_str()) + "\n";
  }

 private:
  void key(const char* name) {
    out_ << YAML::Key;
    if (!json_) out_.SetLocalValue(YAML::Auto);
    out_ << name << YAML::Value;
  }
  void field(const char* name, const std::string& value) {
    key(name);
    out_ << value;
  }
  template <class Values, class Write>
  void list(const char* name, const Values& values, Write write) {
    if (values.empty()) return;
    key(name);
    out_ << YAML::BeginSeq;
    for (const auto& value : values) write(value);
    out_ << YAML::EndSeq;
  }
  void edits(const Edits& edits) {
    key("containerEdits");
    out_ << YAML::BeginMap;
    auto text = [&](const std::string& value) { out_ << value; };
    list("env", edits.env, text);
    list("deviceNodes", edits.device_nodes, [&](const DeviceNode& node) {
      out_ << YAML::BeginMap;
      field("path", node.path);
      if (!node.host_path.empty()) field("hostPath", node.host_path);
      field("permissions", node.permissions);
      out_ << YAML::EndMap;
    });
    list("mounts", edits.mounts, [&](const Mount& mount) {
      out_ << YAML::BeginMap;
      field("hostPath", mount.host_path);
      field("containerPath", mount.container_path);
      list("options", mount.options, text);
      out_ << YAML::EndMap;
    });
    out_ << YAML::EndMap;
  }

  YAML::Emitter out_;
  bool json_;
};

template <class Values>
void append_new(Values& values, const Values& more) {
  for (const auto& value : more)
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
}

bool has_host_path(const Edits& edits) {
  return std::ranges::any_of(edits.device_nodes, [](const DeviceNode& node) { return !node.host_path.empty(); });
}

}  // namespace

const char* extension(Format format) {
  return format == Format::kYaml ? ".yaml" : ".json";
}

std::string required_version(const Spec& spec) {
  std::string version = std::max(std::string(kEarliestVersion), version_of_kind(spec.kind));
  if (has_host_path(spec.edits)) version = std::max(version, std::string("0.5.0"));
  for (const Device& device : spec.devices) {
    version = std::max(version, version_of_device_name(device.name));
    if (has_host_path(device.edits)) version = std::max(version, std::string("0.5.0"));
  }
  return version;
}

std::string to_text(const Spec& spec, Format format) {
  return Writer(format).text(spec);
}

std::string file_name(const std::string& kind, Format format) {
  std::string name = kind;
  std::ranges::replace(name, '/', '-');
  return name + extension(format);
}

void add_device(Spec& spec, const std::vector<std::string>& names, const Edits& edits) {
  for (const std::string& name : names) {
    std::string wrong = wrong_device_name(name);
    LS_REQUIRE(wrong.empty(), "\"", name, "\" cannot name a CDI device: it ", wrong);
    bool there = std::ranges::any_of(spec.devices, [&](const Device& device) { return device.name == name; });
    LS_REQUIRE(!there, "two devices of ", spec.kind, " are named \"", name, "\"");
    spec.devices.push_back({name, edits});
  }
}

void add_all(Spec& spec) {
  Edits all;
  for (const Device& device : spec.devices) merge(all, device.edits);
  add_device(spec, {"all"}, all);
}

void merge(Edits& edits, const Edits& more) {
  append_new(edits.env, more.env);
  append_new(edits.device_nodes, more.device_nodes);
  append_new(edits.mounts, more.mounts);
  edits.others += more.others;
}

}  // namespace lineshaft::cdi
