#include "lineshaft/device/registry.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "device/host_findings.h"
#include "lineshaft/program/program_cache.h"
#include "platform/environment.h"

namespace lineshaft {
namespace {

struct Selection {
  std::mutex mutex;
  std::unique_ptr<const std::vector<DeviceProperties>> devices;
  std::vector<Finding> warnings;  // not said yet
  std::optional<Error> problem;

  void find() {
    std::string names = environment("LINESHAFT_DEVICES").value_or("");
    try {
      Enumeration found = find_devices(names);
      bool chosen = !names.empty(), falls_short = found.devices.empty() || !is_gpu(found.devices.front());
      if (!chosen && falls_short)
        std::ranges::copy_if(found.findings, std::back_inserter(warnings),
                             [](const Finding& each) { return each.severity == Severity::kWarning; });
      devices = std::make_unique<const std::vector<DeviceProperties>>(std::move(found.devices));
    } catch (const Error& error) {
      problem = error;
      throw;
    } catch (const std::exception& error) {
      problem = Error(ErrorCode::kInternal, concat("the devices cannot be listed: ", error.what()));
      throw Error(*problem);
    }
  }
};

Selection& selection() {
  static auto* made = new Selection;
  return *made;
}

void warn_once(const DeviceProperties& used) {
  Selection& kept = selection();
  std::lock_guard lock(kept.mutex);
  for (const Finding& finding : std::exchange(kept.warnings, {}))
    std::cerr << concat("lineshaft: warning: ", finding.text(), "; this program uses ", used.id(), "\n");
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
  if (options.validate) ProgramCache::check_keys();
  options.name = properties.id();
  options.limits = properties.fusion;
  options.budget = std::min(options.budget, properties.memory);
  return std::make_unique<OpenDevice>(properties, std::move(device), std::move(options));
}

}  // namespace

OpenDevice::OpenDevice(const DeviceProperties& properties, std::unique_ptr<Device> device, StreamOptions options)
    : properties_(properties),
      device_(std::move(device)),
      stream_(std::make_unique<Stream>(*device_, std::move(options))) {}

const std::vector<DeviceProperties>& selected_devices() {
  Selection& kept = selection();
  std::lock_guard lock(kept.mutex);
  if (kept.problem) throw Error(*kept.problem);
  if (!kept.devices) kept.find();
  return *kept.devices;
}

void find_selected_devices_again() {
  Selection& kept = selection();
  std::lock_guard lock(kept.mutex);
  if (kept.devices) return;
  kept.problem.reset();
  forget_errors();
  kept.find();
}

OpenDevice& open_device(int index) {
  const auto& devices = selected_devices();
  LS_REQUIRE(index >= 0 && index < static_cast<int>(devices.size()), "device number ", index,
             " is not there; there are ", devices.size(), ", numbered from 0. `lineshaft devices` shows them");
  Open& all = opened();
  std::lock_guard lock(all.mutex);
  auto& slot = all.devices[index];
  if (!slot) {
    slot = open(devices[index], StreamOptions::from_environment());
    warn_once(devices[index]);
  }
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
  LS_REQUIRE(!id.empty(), "no device is named");
  return open(find_devices(id, "the program").devices.front(), std::move(options));
}

void close_all_devices() noexcept {
  Open& all = opened();
  std::lock_guard lock(all.mutex);
  all.devices.clear();
  all.lost.clear();
}

}  // namespace lineshaft
