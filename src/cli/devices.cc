// lineshaft devices: the devices that there are, best first, and why others are not usable.
#include <iostream>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/text.h"
#include "device/registry.h"
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

// The place that LINESHAFT_DEVICES gives the device, -1 if it leaves it out.
int number_of(const DeviceProperties& device) {
  const auto& selected = selected_devices();
  for (size_t i = 0; i < selected.size(); ++i)
    if (selected[i].id() == device.id()) return static_cast<int>(i);
  return -1;
}

int run(const Arguments& arguments) {
  const Enumeration& all = enumerate_devices();
  if (arguments.has("--json")) {
    std::vector<std::string> devices, findings;
    for (const auto& device : all.devices) devices.push_back(device_json(device, number_of(device)));
    for (const auto& finding : all.findings)
      findings.push_back(json_object({{"what", json_string(finding.what)},
                                      {"problem", json_string(finding.problem)},
                                      {"remedy", json_string(finding.remedy)}}));
    std::cout << json_object({{"devices", json_list(devices)}, {"findings", json_list(findings)}}) << "\n";
    return kDone;
  }
  std::vector<std::vector<std::string>> rows = {{"device", "id", "name", "class", "memory", "driver"}};
  for (const auto& device : all.devices) {
    int number = number_of(device);
    rows.push_back({number < 0 ? "-" : concat("lineshaft:", number), device.id(), device.name,
                    class_text(device.device_class), bytes_text(device.memory), device.driver});
  }
  std::cout << table(rows);
  if (auto selection = environment("LINESHAFT_DEVICES"))
    std::cout << "LINESHAFT_DEVICES=" << *selection << " chooses; a device marked - is left out\n";
  for (const auto& finding : all.findings)
    std::cout << "\n" << finding.what << ": " << finding.problem << "\n  " << finding.remedy << "\n";
  return kDone;
}

}  // namespace

Command devices_command() {
  return {.name = "devices",
          .summary = "List the devices that there are, best first, and why others are not usable",
          .positional = "",
          .options = {{"--json", nullptr, "print one JSON object, for programs"}},
          .examples =
              "  lineshaft devices                            # lineshaft:0 is what torch.device(\"lineshaft\") is\n"
              "  LINESHAFT_DEVICES=vulkan lineshaft devices   # the numbers that this choice gives\n"
              "  lineshaft devices --json | python3 -m json.tool\n",
          .run = run};
}

}  // namespace lineshaft::cli
