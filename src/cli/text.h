// How the commands print tables and sizes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lineshaft/device/device.h"

namespace lineshaft::cli {

std::string bytes_text(int64_t bytes);             // "23.4 GiB"
const char* class_text(DeviceClass device_class);  // "discrete GPU"
// 32 hexadecimal digits; "" for a device that has no UUID.
std::string uuid_text(const DeviceProperties& device);
// Columns that UTF-8 text takes, one for each character; its first `width` columns.
size_t cells(const std::string& text);
std::string clipped(const std::string& text, size_t width);
// Columns as wide as their widest cell; the first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace lineshaft::cli
