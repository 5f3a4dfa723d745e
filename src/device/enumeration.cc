#include "lineshaft/device/enumeration.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>

#include "device/host_findings.h"

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

// The entries of a selection, without the blanks around them.
std::vector<std::string_view> names_in(std::string_view selection) {
  std::vector<std::string_view> names;
  while (!selection.empty()) {
    size_t comma = selection.find(',');
    std::string_view name = selection.substr(0, comma);
    selection = comma == std::string_view::npos ? std::string_view() : selection.substr(comma + 1);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    names.push_back(name);
  }
  return names;
}

// What a backend has said. One that found an error is asked again when the user wants it.
struct Listing {
  std::vector<DeviceProperties> devices;
  std::vector<Finding> findings;
  bool failed() const {
    return std::ranges::any_of(findings, [](const Finding& each) { return each.severity == Severity::kError; });
  }
};

struct Listings {
  std::mutex mutex;
  std::map<std::string, Listing> by_backend;
};

Listings& listings() {
  static auto* made = new Listings;
  return *made;
}

Listing listing_of(Backend& backend) {
  Listings& all = listings();
  std::lock_guard lock(all.mutex);
  auto [at, fresh] = all.by_backend.try_emplace(backend.name());
  if (fresh) try {
      at->second.devices = backend.enumerate(at->second.findings);
    } catch (...) {
      all.by_backend.erase(at);
      throw;
    }
  return at->second;
}

template <class Asked>
Enumeration enumerate(Asked&& asked) {
  Enumeration found;
  for (const auto& backend : backends()) {
    if (!asked(*backend)) continue;
    Listing listing = listing_of(*backend);
    std::ranges::move(listing.devices, std::back_inserter(found.devices));
    std::ranges::move(listing.findings, std::back_inserter(found.findings));
  }
  std::stable_sort(found.devices.begin(), found.devices.end(),
                   [](const auto& a, const auto& b) { return rank_of(a) < rank_of(b); });
  std::ranges::move(host_findings(find_graphics_files(), found.devices), std::back_inserter(found.findings));
  return found;
}

// Throws the first error of a backend whose devices the selection takes.
template <class Asked>
void require_what_is_named(std::string_view selection, Asked&& asked) {
  for (const auto& backend : backends()) {
    if (!takes_backend(selection, backend->name()) || !asked(*backend)) continue;
    for (const Finding& finding : listing_of(*backend).findings)
      if (finding.severity == Severity::kError)
        fail(backend->asks_a_server() ? ErrorCode::kDeviceLost : ErrorCode::kInvalidArgument, finding.problem, "; ",
             finding.remedy);
  }
}

template <class Asked>
Enumeration find(std::string_view selection, std::string_view named_by, Asked&& asked) {
  require_what_is_named(selection, asked);
  Enumeration found = enumerate(asked);
  try {
    found.devices = select_devices(found.devices, selection, named_by);
  } catch (const Error& error) {
    std::string text = error.what();
    for (const Finding& finding : found.findings) text += concat(". ", finding.text());
    throw Error(error.code(), text);
  }
  return found;
}

// Whether the backend is asked for what the selection names.
auto asked_for(std::string_view selection) {
  return [selection](const Backend& backend) {
    return !backend.asks_a_server() || takes_backend(selection, backend.name());
  };
}

}  // namespace

Enumeration enumerate_devices(std::string_view selection) {
  return enumerate(asked_for(selection));
}

bool takes_backend(std::string_view selection, std::string_view backend) {
  return selection.empty() || std::ranges::any_of(names_in(selection), [&](std::string_view name) {
           return name.substr(0, name.find(':')) == backend;
         });
}

std::vector<DeviceProperties> select_devices(const std::vector<DeviceProperties>& all, std::string_view selection,
                                             std::string_view named_by) {
  if (selection.empty()) return all;
  std::vector<DeviceProperties> chosen;
  for (std::string_view name : names_in(selection)) {
    size_t before = chosen.size();
    for (const auto& device : all) {
      if (device.id() != name && device.backend != name) continue;
      bool listed = std::ranges::any_of(chosen, [&](const auto& other) { return other.id() == device.id(); });
      LS_REQUIRE(!listed, named_by, " lists ", device.id(), " twice");
      chosen.push_back(device);
    }
    LS_REQUIRE(chosen.size() > before, named_by, " names the device \"", name,
               "\", which is not there; there is: ", names_of(all),
               ". `lineshaft devices` shows them, `lineshaft doctor` what is missing");
  }
  return chosen;
}

Enumeration find_devices(std::string_view selection, std::string_view named_by) {
  return find(selection, named_by, asked_for(selection));
}

Enumeration find_own_devices(std::string_view selection, std::string_view named_by) {
  return find(selection, named_by, [](const Backend& backend) { return !backend.asks_a_server(); });
}

void forget_errors() {
  Listings& all = listings();
  std::lock_guard lock(all.mutex);
  std::erase_if(all.by_backend, [](const auto& each) { return each.second.failed(); });
}

}  // namespace lineshaft
