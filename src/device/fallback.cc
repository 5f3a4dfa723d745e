#include "lineshaft/device/fallback.h"

#include <atomic>
#include <iostream>
#include <mutex>

#include "platform/environment.h"

namespace lineshaft {
namespace {

FallbackMode mode_from_environment() {
  std::string text = environment("LINESHAFT_FALLBACK").value_or("warn");
  if (text == "warn") return FallbackMode::kWarn;
  if (text != "error")
    std::cerr << "lineshaft: LINESHAFT_FALLBACK=" + text + " is neither warn nor error; error is taken\n";
  return FallbackMode::kError;
}

std::atomic<FallbackMode>& mode() {
  static std::atomic<FallbackMode> value{mode_from_environment()};
  return value;
}

struct Counts {
  std::mutex mutex;
  std::map<std::string, int64_t> by_name;
};

Counts& counts() {
  static auto* made = new Counts;
  return *made;
}

}  // namespace

FallbackMode fallback_mode() {
  return mode();
}

void set_fallback_mode(FallbackMode wanted) {
  mode() = wanted;
}

bool count_fallback(const std::string& name) {
  Counts& all = counts();
  std::lock_guard lock(all.mutex);
  return ++all.by_name[name] == 1;
}

std::map<std::string, int64_t> fallback_counts() {
  Counts& all = counts();
  std::lock_guard lock(all.mutex);
  return all.by_name;
}

void reset_fallback_counts() {
  Counts& all = counts();
  std::lock_guard lock(all.mutex);
  all.by_name.clear();
}

std::string fallback_summary() {
  auto all = fallback_counts();
  if (all.empty() || fallback_mode() == FallbackMode::kError) return {};
  std::string text =
      "lineshaft: " + std::to_string(all.size()) + (all.size() == 1 ? " operator" : " operators") + " ran on the CPU:";
  const char* separator = " ";
  for (const auto& [name, times] : all) {
    text += separator + name + " " + std::to_string(times) + (times == 1 ? " time" : " times");
    separator = ", ";
  }
  return text;
}

}  // namespace lineshaft
