#include "cli/text.h"

#include <algorithm>
#include <cstdio>

namespace lineshaft::cli {

std::string bytes_text(int64_t bytes) {
  static const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text;
}

const char* class_text(DeviceClass device_class) {
  switch (device_class) {
    case DeviceClass::kDiscreteGpu:
      return "discrete GPU";
    case DeviceClass::kIntegratedGpu:
      return "integrated GPU";
    case DeviceClass::kVirtualGpu:
      return "virtual GPU";
    case DeviceClass::kCpu:
      return "CPU";
    case DeviceClass::kSoftwareGpu:
      return "software GPU";
  }
  return "unknown";
}

std::string uuid_text(const DeviceProperties& device) {
  static const char digits[] = "0123456789abcdef";
  if (device.uuid == decltype(device.uuid){}) return "";
  std::string text;
  for (uint8_t byte : device.uuid) text += {digits[byte >> 4], digits[byte & 15]};
  return text;
}

size_t cells(const std::string& text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string clipped(const std::string& text, size_t width) {
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end)
    if ((text[end] & 0xc0) != 0x80 && ++seen > width) break;
  return text.substr(0, end);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - row[i].size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace lineshaft::cli
