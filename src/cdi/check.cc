#include "cdi/check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "cdi/document.h"
#include "cdi/names.h"

namespace lineshaft::cdi {
namespace {

constexpr std::uintmax_t kMostBytes = 16 << 20;
constexpr int64_t kMostInt64 = std::numeric_limits<int64_t>::max();
constexpr int64_t kMostUint32 = std::numeric_limits<uint32_t>::max();
constexpr int64_t kMostSeconds = std::numeric_limits<int32_t>::max();

class Check {
 public:
  explicit Check(Reading& reading) : reading_(reading), document_(reading.problems) {}

  void spec(const YAML::Node& root) {
    if (!document_.mapping(root, "", {"cdiVersion", "kind", "annotations", "devices", "containerEdits"})) return;
    reading_.version = document_.text(root, "", "cdiVersion", true);
    if (reading_.version.starts_with('v')) reading_.version.erase(0, 1);
    kind(root);
    annotations(root, "");
    edits(root, "", reading_.spec.edits);
    devices(root);
    version(root);
  }

 private:
  // Something of the document that came with this version of CDI.
  void takes(const std::string& version, const std::string& what) {
    if (version > needed_) needed_ = version, needs_ = what;
  }

  void version(const YAML::Node& root) {
    const std::string& said = reading_.version;
    if (said.empty()) return;
    const auto& known = known_versions();
    YAML::Node at = Document::field(root, "cdiVersion");
    if (std::ranges::find(known, said) == known.end())
      document_.wrong(at, "cdiVersion", "is \"", said, "\", and the versions that there are go from ", known.front(),
                      " to ", known.back());
    else if (said < needed_)
      document_.wrong(at, "cdiVersion", "is ", said, ", but ", needs_, " takes ", needed_, " or newer");
  }

  void kind(const YAML::Node& root) {
    std::string& kind = reading_.spec.kind;
    kind = document_.text(root, "", "kind", true);
    if (kind.empty()) return;
    if (std::string wrong = wrong_kind(kind); !wrong.empty())
      document_.wrong(Document::field(root, "kind"), "kind", "is \"", kind, "\", which ", wrong);
    takes(version_of_kind(kind), "the dot in the class of the kind");
  }

  void annotations(const YAML::Node& mapping, const std::string& where) {
    YAML::Node node = Document::field(mapping, "annotations");
    if (!node.IsDefined()) return;
    std::string here = join(where, "annotations");
    if (!node.IsMap()) return document_.wrong(node, here, "is no mapping of names to texts");
    takes("0.6.0", here);
    for (const auto& entry : node)
      if (!entry.first.IsScalar() || !entry.second.IsScalar())
        document_.wrong(entry.first, here, "has a name or value that is no text");
  }

  void devices(const YAML::Node& root) {
    std::set<std::string> names;
    document_.list(root, "", "devices", [&](const YAML::Node& node, const std::string& where) {
      if (!document_.mapping(node, where, {"name", "annotations", "containerEdits"})) return;
      Device device{.name = document_.text(node, where, "name", true)};
      if (!device.name.empty()) device_name(node, where, device.name, names);
      annotations(node, where);
      edits(node, where, device.edits);
      if (device.edits == Edits{} && !Document::field(node, "containerEdits").IsDefined())
        document_.wrong(node, join(where, "containerEdits"), "is missing: a device that adds nothing is refused");
      else if (device.edits == Edits{})
        document_.wrong(Document::field(node, "containerEdits"), join(where, "containerEdits"),
                        "is empty: a device that adds nothing is refused");
      reading_.spec.devices.push_back(device);
    });
    YAML::Node all = Document::field(root, "devices");
    if (!all.IsDefined() || (all.IsSequence() && all.size() == 0))
      document_.wrong(all.IsDefined() ? all : root, "devices",
                      "is missing or empty, and a spec has one device or more");
  }

  void device_name(const YAML::Node& node, const std::string& where, const std::string& name,
                   std::set<std::string>& names) {
    YAML::Node at = Document::field(node, "name");
    if (std::string wrong = wrong_device_name(name); !wrong.empty())
      document_.wrong(at, join(where, "name"), "is \"", name, "\", which ", wrong);
    if (!names.insert(name).second)
      document_.wrong(at, join(where, "name"), "is \"", name, "\", as that of a device before it");
    takes(version_of_device_name(name), concat(join(where, "name"), " \"", name, "\", which begins with a digit,"));
  }

  void edits(const YAML::Node& owner, const std::string& where, Edits& edits) {
    YAML::Node node = Document::field(owner, "containerEdits");
    std::string here = join(where, "containerEdits");
    if (!node.IsDefined() ||
        !document_.mapping(node, here,
                           {"env", "deviceNodes", "netDevices", "mounts", "hooks", "intelRdt", "additionalGids"}))
      return;
    env(node, here, edits.env);
    document_.list(node, here, "deviceNodes",
                   [&](const YAML::Node& entry, const std::string& at) { device_node(entry, at, edits); });
    document_.list(node, here, "mounts",
                   [&](const YAML::Node& entry, const std::string& at) { mount(entry, at, edits); });
    document_.list(node, here, "hooks", [&](const YAML::Node& entry, const std::string& at) {
      ++edits.others;
      hook(entry, at);
    });
    net_devices(node, here, edits);
    intel_rdt(node, here, edits);
    document_.list(node, here, "additionalGids", [&](const YAML::Node& entry, const std::string& at) {
      ++edits.others;
      takes("0.7.0", join(here, "additionalGids"));
      int64_t group = 0;
      if (!entry.IsScalar() || !YAML::convert<int64_t>::decode(entry, group) || group < 0 || group > kMostUint32)
        document_.wrong(entry, at, "is no number of a group, 0 to ", kMostUint32);
    });
  }

  void env(const YAML::Node& node, const std::string& where, std::vector<std::string>& env) {
    document_.list(node, where, "env", [&](const YAML::Node& entry, const std::string& at) {
      std::string variable = document_.text_entry(entry, at);
      if (!entry.IsScalar()) return;
      if (std::string wrong = wrong_env(variable); !wrong.empty())
        document_.wrong(entry, at, "is \"", variable, "\", which ", wrong);
      env.push_back(variable);
    });
  }

  void device_node(const YAML::Node& node, const std::string& where, Edits& edits) {
    if (!document_.mapping(node, where,
                           {"path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid"}))
      return;
    DeviceNode found{.path = document_.absolute_path(node, where, "path"),
                     .host_path = document_.text(node, where, "hostPath"),
                     .permissions = document_.text(node, where, "permissions")};
    if (!found.host_path.empty()) takes("0.5.0", join(where, "hostPath"));
    if (found.permissions != "none" && found.permissions.find_first_not_of("rwm") != std::string::npos)
      document_.wrong(Document::field(node, "permissions"), join(where, "permissions"), "is \"", found.permissions,
                      "\", and it is made of r, w and m, or is none");
    one_of(node, where, "type", {"b", "c", "u", "p"});
    for (const char* name : {"major", "minor"}) document_.number(node, where, name, 0, kMostInt64);
    for (const char* name : {"fileMode", "uid", "gid"}) document_.number(node, where, name, 0, kMostUint32);
    edits.device_nodes.push_back(found);
  }

  void mount(const YAML::Node& node, const std::string& where, Edits& edits) {
    if (!document_.mapping(node, where, {"hostPath", "containerPath", "options", "type"})) return;
    Mount found{.host_path = document_.text(node, where, "hostPath", true),
                .container_path = document_.absolute_path(node, where, "containerPath")};
    if (!document_.text(node, where, "type").empty()) takes("0.4.0", join(where, "type"));
    document_.list(node, where, "options", [&](const YAML::Node& entry, const std::string& at) {
      found.options.push_back(document_.text_entry(entry, at));
    });
    edits.mounts.push_back(found);
  }

  void hook(const YAML::Node& node, const std::string& where) {
    if (!document_.mapping(node, where, {"hookName", "path", "args", "env", "timeout"})) return;
    document_.text(node, where, "hookName", true);
    one_of(node, where, "hookName",
           {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"});
    document_.absolute_path(node, where, "path");
    document_.list(node, where, "args",
                   [&](const YAML::Node& entry, const std::string& at) { document_.text_entry(entry, at); });
    std::vector<std::string> ignored;
    env(node, where, ignored);
    document_.number(node, where, "timeout", 1, kMostSeconds);
  }

  void net_devices(const YAML::Node& node, const std::string& where, Edits& edits) {
    std::set<std::string> names, host_names;
    document_.list(node, where, "netDevices", [&](const YAML::Node& entry, const std::string& at) {
      ++edits.others;
      takes("1.1.0", join(where, "netDevices"));
      if (!document_.mapping(entry, at, {"hostInterfaceName", "name"})) return;
      bool fresh = host_names.insert(document_.text(entry, at, "hostInterfaceName", true)).second;
      if (!names.insert(document_.text(entry, at, "name", true)).second || !fresh)
        document_.wrong(entry, at, "has a name that another network device has too");
    });
  }

  void intel_rdt(const YAML::Node& owner, const std::string& where, Edits& edits) {
    YAML::Node node = Document::field(owner, "intelRdt");
    if (!node.IsDefined()) return;
    ++edits.others;
    std::string here = join(where, "intelRdt");
    takes("0.7.0", here);
    std::vector<std::string_view> known = {"closID", "l3CacheSchema", "memBwSchema", "schemata", "enableMonitoring"};
    // Gone in 1.1.0.
    if (reading_.version < "1.1.0") known.insert(known.end(), {"enableCMT", "enableMBM"});
    if (!document_.mapping(node, here, known)) return;
    for (const char* name : {"schemata", "enableMonitoring"})
      if (Document::field(node, name).IsDefined()) takes("1.1.0", join(here, name));
    for (const char* name : {"closID", "l3CacheSchema", "memBwSchema"}) document_.text(node, here, name);
    document_.list(node, here, "schemata",
                   [&](const YAML::Node& entry, const std::string& at) { document_.text_entry(entry, at); });
  }

  void one_of(const YAML::Node& mapping, const std::string& where, const char* name,
              const std::vector<std::string_view>& values) {
    YAML::Node node = Document::field(mapping, name);
    if (!node.IsDefined() || !node.IsScalar() || node.Scalar().empty()) return;
    if (std::ranges::find(values, node.Scalar()) != values.end()) return;
    std::string there;
    for (std::string_view value : values) there += concat(there.empty() ? "" : ", ", value);
    document_.wrong(node, join(where, name), "is \"", node.Scalar(), "\", and one of these belongs here: ", there);
  }

  Reading& reading_;
  Document document_;
  std::string needed_ = kEarliestVersion;
  std::string needs_;
};

Reading failed(const std::string& what) {
  Reading reading;
  reading.problems.push_back({0, "", what});
  return reading;
}

}  // namespace

Reading read_spec(const std::string& text) {
  Reading reading;
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) return failed("is empty, and a CDI spec is one JSON or YAML document");
    if (documents.size() > 1)
      return failed(concat("holds ", documents.size(), " documents, and a CDI spec is one JSON or YAML document"));
    Check(reading).spec(documents[0]);
  } catch (const YAML::Exception& error) {
    reading.problems.push_back({error.mark.is_null() ? 0 : error.mark.line + 1, "",
                                concat("is neither JSON nor YAML: ", error.msg, " in column ", error.mark.column + 1)});
  }
  return reading;
}

Reading read_spec_file(const std::string& path) {
  std::error_code error;
  std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return failed(concat("cannot be read: ", error.message()));
  if (size > kMostBytes) return failed(concat("has ", size, " bytes, and a CDI spec at most ", kMostBytes));
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return failed("cannot be read by this user");
  return read_spec(text.str());
}

std::string to_string(const Problem& problem, const std::string& path) {
  std::string text = path;
  if (problem.line) text += concat(":", problem.line);
  return concat(text, ": ", problem.where, problem.where.empty() ? "" : ": ", problem.what);
}

}  // namespace lineshaft::cdi
