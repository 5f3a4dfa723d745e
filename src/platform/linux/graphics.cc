#include "platform/graphics.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "platform/environment.h"

namespace lineshaft {
namespace {

namespace files = std::filesystem;

std::vector<std::string> entries(const std::string& folder, const std::string& start, const std::string& end) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : files::directory_iterator(folder, ignored)) {
    std::string name = entry.path().filename();
    if (name.starts_with(start) && name.ends_with(end)) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

// The variables name files, or folders of them, apart by colons.
std::vector<std::string> listed(const std::string& value) {
  std::vector<std::string> paths;
  for (size_t at = 0; at <= value.size();) {
    size_t colon = std::min(value.find(':', at), value.size());
    std::string path = value.substr(at, colon - at);
    if (files::is_directory(path))
      std::ranges::copy(entries(path, "", ".json"), std::back_inserter(paths));
    else if (!path.empty())
      paths.push_back(path);
    at = colon + 1;
  }
  return paths;
}

}  // namespace

GraphicsFiles find_graphics_files(const std::string& root) {
  GraphicsFiles found;
  found.wsl = files::exists(root + "/dev/dxg");
  found.nvidia = files::exists(root + "/dev/nvidiactl");
  found.container = files::exists(root + "/.dockerenv") || files::exists(root + "/run/.containerenv");
  for (const auto& path : entries(root + "/dev/dri", "renderD", ""))
    found.render_nodes.push_back({path, access(path.c_str(), R_OK | W_OK) == 0});
  for (const char* variable : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"})
    if (auto value = environment(variable)) {
      found.vulkan_drivers = listed(*value);
      return found;
    }
  for (const char* folder : {"/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"})
    std::ranges::copy(entries(root + folder, "", ".json"), std::back_inserter(found.vulkan_drivers));
  return found;
}

}  // namespace lineshaft
