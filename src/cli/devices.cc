// lineshaft devices: the devices that there are, best first, and why others are not usable.
#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/variables.h"
#include "lineshaft/device/registry.h"
#include "platform/environment.h"

namespace lineshaft::cli {
namespace {

std::string device_json(const DeviceProperties& device, int number) {
  std::vector<std::string> features;
  features.reserve(device.features.size());
  for (const auto& feature : device.features) features.push_back(json_string(feature));
  return json_object({{"number", number < 0 ? "null" : std::to_string(number)},
                      {"id", json_string(device.id())},
                      {"name", json_string(device.name)},
                      {"class", json_string(class_text(device.device_class))},
                      {"driver", json_string(device.driver)},
                      {"memory", std::to_string(device.memory)},
                      {"uuid", json_string(uuid_text(device))},
                      {"features", json_list(features)}});
}

std::string finding_json(const Finding& finding) {
  static const char* const severities[] = {"note", "warning", "error"};
  return json_object({{"what", json_string(finding.what)},
                      {"severity", json_string(severities[static_cast<size_t>(finding.severity)])},
                      {"problem", json_string(finding.problem)},
                      {"remedy", json_string(finding.remedy)}});
}

// What a program here would use. `wrong`: the variables that are.
struct Choice {
  std::vector<DeviceProperties> devices;
  std::string problem;  // why it would fail; empty: it would not

  explicit Choice(const std::vector<Finding>& wrong) {
    try {
      devices = selected_devices();
    } catch (const Error& error) {
      problem = error.what();
    }
    auto stops = std::ranges::find(wrong, Severity::kError, &Finding::severity);
    if (problem.empty() && stops != wrong.end()) problem = stops->problem;
  }
  // The device's number, -1 if it is left out.
  int number_of(const DeviceProperties& device) const {
    auto at = std::ranges::find(devices, device.id(), &DeviceProperties::id);
    return at == devices.end() ? -1 : static_cast<int>(at - devices.begin());
  }
};

void print_json(const Enumeration& all, const Choice& choice) {
  std::vector<std::string> devices, findings;
  for (const auto& device : all.devices) devices.push_back(device_json(device, choice.number_of(device)));
  for (const auto& finding : all.findings) findings.push_back(finding_json(finding));
  std::cout << json_object({{"devices", json_list(devices)},
                            {"findings", json_list(findings)},
                            {"error", choice.problem.empty() ? "null" : json_string(choice.problem)}})
            << "\n";
}

void print_table(const Enumeration& all, const Choice& choice) {
  std::vector<std::vector<std::string>> rows = {{"device", "id", "name", "class", "memory", "driver"}};
  for (const auto& device : all.devices) {
    int number = choice.number_of(device);
    rows.push_back({number < 0 ? "-" : concat("lineshaft:", number), device.id(), device.name,
                    class_text(device.device_class), bytes_text(device.memory), device.driver});
  }
  std::cout << table(rows);
  auto selection = environment("LINESHAFT_DEVICES");
  if (selection && choice.problem.empty())
    std::cout << "LINESHAFT_DEVICES=" << *selection << " chooses; a device marked - is left out\n";
  bool shown = false;
  for (const auto& finding : all.findings) {
    std::cout << "\n" << finding.what << ": " << finding.problem << "\n";
    if (!finding.remedy.empty()) std::cout << "  " << finding.remedy << "\n";
    shown |= choice.problem.starts_with(finding.problem);
  }
  if (choice.problem.empty()) return;
  if (!shown) std::cout << "\n" << choice.problem << "\n";
  std::cout << "\nerror: programs here fail"
            << (choice.devices.empty() ? ": they have no device, as what is named above is not there\n"
                                       : " at the first use of a device, as a variable is wrong\n");
}

int run_devices(const Arguments& arguments) {
  const std::string selection = environment("LINESHAFT_DEVICES").value_or("");
  Enumeration all = enumerate_devices(selection);
  const std::vector<Finding> wrong = wrong_variables();
  std::ranges::copy(wrong, std::back_inserter(all.findings));
  if (auto server = environment("LINESHAFT_SERVER"))
    if (auto text = not_asked(concat("LINESHAFT_SERVER=", *server))) all.findings.push_back({"server", *text, ""});
  const Choice choice(wrong);
  arguments.has("--json") ? print_json(all, choice) : print_table(all, choice);
  return choice.problem.empty() ? kDone : kProblem;
}

}  // namespace

Command devices_command() {
  return {
      .name = "devices",
      .summary = "List the devices that there are, best first, and why others are not usable",
      .positional = "",
      .options = {{"--json", nullptr, "print one JSON object, for programs"}},
      .examples =
          "  lineshaft devices                            # lineshaft:0 is what torch.device(\"lineshaft\") is;\n"
          "                                               # exit status 1 when what the variables name is not there\n"
          "  LINESHAFT_DEVICES=vulkan lineshaft devices   # the numbers that this choice gives\n"
          "  lineshaft devices --json | python3 -m json.tool\n",
      .run = run_devices};
}

}  // namespace lineshaft::cli
