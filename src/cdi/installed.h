// The specs that container engines find on a machine.
#pragma once

#include <string>
#include <vector>

#include "cdi/check.h"
#include "cdi/root.h"

namespace lineshaft::cdi {

// Where engines look, in rising priority.
const std::vector<std::string>& spec_folders();  // /etc/cdi, /var/run/cdi

struct InstalledSpec {
  std::string path;
  Reading reading;
};

struct InstalledDevice {
  std::string name;  // "lineshaft.dev/gpu=0"
  std::string path;  // the spec's file
  std::string version;
  Edits edits;  // the device's own and those of its spec
};

struct Installed {
  std::vector<InstalledSpec> specs;      // by folder and name
  std::vector<InstalledDevice> devices;  // that an engine can give to a container, in the specs' order
  // Why others cannot be given: specs with problems, which engines skip, and devices that two specs of a folder define.
  // Lines for a person.
  std::vector<std::string> problems;
};

Installed find_installed(const Root& root);

}  // namespace lineshaft::cdi
