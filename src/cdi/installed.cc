#include "cdi/installed.h"

#include <map>

#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

struct Definition {
  size_t spec;    // among the specs
  size_t device;  // among its devices
  size_t folder;
  bool conflict = false;  // with one of the same folder
};

std::vector<InstalledSpec> find_specs(const Root& root, const std::string& folder) {
  std::vector<InstalledSpec> specs;
  for (const std::string& name : root.names(folder)) {
    if (!name.ends_with(".json") && !name.ends_with(".yaml")) continue;
    std::string path = folder + "/" + name;
    auto real = root.resolve(path);
    if (real && root.is_folder(path)) continue;
    specs.push_back({path, read_spec_file(root.outside(real.value_or(path)))});
  }
  return specs;
}

}  // namespace

const std::vector<std::string>& spec_folders() {
  static const std::vector<std::string> folders = {"/etc/cdi", "/var/run/cdi"};
  return folders;
}

Installed find_installed(const Root& root) {
  Installed found;
  std::map<std::string, Definition> chosen;  // by qualified name
  std::vector<std::string> order;
  for (size_t folder = 0; folder < spec_folders().size(); ++folder) {
    for (InstalledSpec& installed : find_specs(root, spec_folders()[folder])) {
      const Reading& reading = installed.reading;
      for (const Problem& problem : reading.problems) found.problems.push_back(to_string(problem, installed.path));
      for (size_t i = 0; i < reading.spec.devices.size() && reading.problems.empty(); ++i) {
        std::string name = reading.spec.kind + "=" + reading.spec.devices[i].name;
        Definition definition{found.specs.size(), i, folder};
        auto [at, fresh] = chosen.try_emplace(name, definition);
        if (fresh) {
          order.push_back(name);
        } else if (at->second.folder < folder) {
          at->second = definition;
        } else {
          at->second.conflict = true;
          found.problems.push_back(concat(installed.path, ": ", name, " is also defined in ",
                                          found.specs[at->second.spec].path, ": engines give neither to a container"));
        }
      }
      found.specs.push_back(std::move(installed));
    }
  }
  for (const std::string& name : order) {
    const Definition& definition = chosen.at(name);
    if (definition.conflict) continue;
    const InstalledSpec& installed = found.specs[definition.spec];
    Edits edits = installed.reading.spec.edits;
    merge(edits, installed.reading.spec.devices[definition.device].edits);
    found.devices.push_back({name, installed.path, installed.reading.version, edits});
  }
  return found;
}

}  // namespace lineshaft::cdi
