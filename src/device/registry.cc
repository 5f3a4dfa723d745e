#include "device/registry.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "device/host_findings.h"
#include "platform/environment.h"

namespace lineshaft {
namespace {

int rank_of(const DeviceProperties& device) {
  if (device.asked_for) return -1;
  switch (device.device_class) {
    case DeviceClass::kDiscreteGpu:
      return 0;
    case DeviceClass::kIntegratedGpu:
      return 1;
    case DeviceClass::kVirtualGpu:
      return 2;
    case DeviceClass::kCpu:
      return 3;
    case DeviceClass::kSoftwareGpu:
      return 4;
  }
  return 5;
}

std::string names_of(const std::vector<DeviceProperties>& devices) {
  std::string text;
  for (const auto& device : devices) text += (text.empty() ? "" : ", ") + device.id();
  return text.empty() ? "none" : text;
}

struct Open {
  std::mutex mutex;
  std::map<int, std::unique_ptr<OpenDevice>> devices;
  std::vector<std::unique_ptr<OpenDevice>> lost;
};

Open& opened() {
  static auto* open = new Open;
  return *open;
}

std::unique_ptr<OpenDevice> open(const DeviceProperties& properties, StreamOptions options) {
  auto device = backend_named(properties.backend).open(properties.index);
  options.name = properties.id();
  options.limits = properties.fusion;
  options.budget = std::min(options.budget, properties.memory);
  return std::make_unique<OpenDevice>(properties, std::move(device), std::move(options));
}

}  // namespace

const Enumeration& enumerate_devices() {
  static const Enumeration* result = [] {
    auto* found = new Enumeration;
    for (const auto& backend : backends())
      for (auto& device : backend->enumerate(found->findings)) found->devices.push_back(std::move(device));
    std::stable_sort(found->devices.begin(), found->devices.end(),
                     [](const auto& a, const auto& b) { return rank_of(a) < rank_of(b); });
    for (auto& finding : host_findings(find_graphics_files(), found->devices))
      found->findings.push_back(std::move(finding));
    return found;
  }();
  return *result;
}

std::vector<DeviceProperties> select_devices(const std::vector<DeviceProperties>& all, std::string_view selection) {
  if (selection.empty()) return all;
  std::vector<DeviceProperties> chosen;
  while (!selection.empty()) {
    size_t comma = selection.find(',');
    std::string_view name = selection.substr(0, comma);
    selection = comma == std::string_view::npos ? std::string_view() : selection.substr(comma + 1);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    size_t before = chosen.size();
    for (const auto& device : all) {
      if (device.id() != name && device.backend != name) continue;
      bool listed = std::ranges::any_of(chosen, [&](const auto& other) { return other.id() == device.id(); });
      LS_REQUIRE(!listed, "LINESHAFT_DEVICES lists ", device.id(), " twice");
      chosen.push_back(device);
    }
    LS_REQUIRE(chosen.size() > before, "LINESHAFT_DEVICES names the device \"", name,
               "\", which is not there; there is: ", names_of(all),
               ". `lineshaft devices` shows them, `lineshaft doctor` what is missing");
  }
  return chosen;
}

OpenDevice::OpenDevice(const DeviceProperties& properties, std::unique_ptr<Device> device, StreamOptions options)
    : properties_(properties),
      device_(std::move(device)),
      stream_(std::make_unique<Stream>(*device_, std::move(options))) {}

const std::vector<DeviceProperties>& selected_devices() {
  static const auto* devices = [] {
    const Enumeration& all = enumerate_devices();
    try {
      return new std::vector<DeviceProperties>(
          select_devices(all.devices, environment("LINESHAFT_DEVICES").value_or("")));
    } catch (const Error& error) {
      std::string text = error.what();
      for (const Finding& finding : all.findings)
        text += concat("\n", finding.what, ": ", finding.problem, "; ", finding.remedy);
      throw Error(error.code(), text);
    }
  }();
  return *devices;
}

OpenDevice& open_device(int index) {
  const auto& devices = selected_devices();
  LS_REQUIRE(index >= 0 && index < static_cast<int>(devices.size()), "device number ", index,
             " is not there; there are ", devices.size(), ": ", names_of(devices));
  Open& all = opened();
  std::lock_guard lock(all.mutex);
  auto& slot = all.devices[index];
  if (!slot) slot = open(devices[index], StreamOptions::from_environment());
  return *slot;
}

OpenDevice& reopen_device(int index) {
  open_device(index);
  constexpr int kGenerationBits = 24;  // of each time that a device is opened
  Open& all = opened();
  std::lock_guard lock(all.mutex);
  StreamOptions options = StreamOptions::from_environment();
  options.first_generation = static_cast<uint32_t>((all.lost.size() + 1) << kGenerationBits) | 1;
  auto fresh = open(selected_devices()[index], std::move(options));
  all.lost.push_back(std::move(all.devices[index]));
  all.devices[index] = std::move(fresh);
  return *all.devices[index];
}

std::unique_ptr<OpenDevice> open_device(std::string_view id, StreamOptions options) {
  auto chosen = select_devices(enumerate_devices().devices, id);
  LS_REQUIRE(!chosen.empty(), "no device is named");
  return open(chosen.front(), std::move(options));
}

void close_all_devices() noexcept {
  Open& all = opened();
  std::lock_guard lock(all.mutex);
  all.devices.clear();
  all.lost.clear();
}

}  // namespace lineshaft
