// lineshaft cdi list: the devices that a container engine finds in the specs of this machine.
#include <iostream>

#include "cdi/installed.h"
#include "cli/cdi.h"
#include "cli/json.h"
#include "cli/text.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cli {
namespace {

std::string count_text(size_t count, const char* one) {
  return concat(count, " ", one, count == 1 ? "" : "s");
}

// "2 nodes, 1 mount": what the device adds to a container.
std::string edits_text(const cdi::Edits& edits) {
  std::string text;
  auto add = [&](size_t count, const char* one) {
    if (count) text += (text.empty() ? "" : ", ") + count_text(count, one);
  };
  add(edits.device_nodes.size(), "node");
  add(edits.mounts.size(), "mount");
  add(edits.env.size(), "variable");
  add(static_cast<size_t>(edits.others), "other");
  return text;
}

std::string strings_json(const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  quoted.reserve(values.size());
  for (const std::string& value : values) quoted.push_back(json_string(value));
  return json_list(quoted);
}

std::string device_json(const cdi::InstalledDevice& device) {
  std::vector<std::string> nodes, mounts;
  for (const auto& node : device.edits.device_nodes) nodes.push_back(node.path);
  for (const auto& mount : device.edits.mounts) mounts.push_back(mount.container_path);
  return json_object({{"device", json_string(device.name)},
                      {"file", json_string(device.path)},
                      {"cdiVersion", json_string(device.version)},
                      {"env", strings_json(device.edits.env)},
                      {"deviceNodes", strings_json(nodes)},
                      {"mounts", strings_json(mounts)},
                      {"others", std::to_string(device.edits.others)}});
}

int run_cdi_list(const Arguments& arguments) {
  cdi::Installed installed = cdi::find_installed(cdi::Root(arguments.value("--root").value_or("")));
  int status = installed.problems.empty() ? kDone : kProblem;
  if (arguments.has("--json")) {
    std::vector<std::string> devices;
    for (const auto& device : installed.devices) devices.push_back(device_json(device));
    std::cout << json_object({{"devices", json_list(devices)}, {"problems", strings_json(installed.problems)}}) << "\n";
    return status;
  }
  if (installed.devices.empty()) {
    std::cout << "no device in the specs of";
    for (const std::string& folder : cdi::spec_folders()) std::cout << " " << folder;
    std::cout << "; `lineshaft cdi generate` writes one\n";
  } else {
    std::vector<std::vector<std::string>> rows = {{"device", "adds", "cdiVersion", "file"}};
    for (const auto& device : installed.devices)
      rows.push_back({device.name, edits_text(device.edits), device.version, device.path});
    std::cout << table(rows);
  }
  for (const std::string& problem : installed.problems) std::cerr << problem << "\n";
  return status;
}

}  // namespace

Command cdi_list_command() {
  return {.name = "cdi list",
          .summary = "List the devices of the CDI specs in /etc/cdi and /var/run/cdi, and specs that engines refuse",
          .positional = "",
          .options = {{"--json", nullptr, "print one JSON object, for programs"},
                      {"--root", "FOLDER", "look below this folder instead of /"}},
          .examples =
              "  lineshaft cdi list\n"
              "  lineshaft cdi list --json | python3 -m json.tool\n",
          .run = run_cdi_list};
}

}  // namespace lineshaft::cli
