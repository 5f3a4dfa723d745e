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

std::vector<std::string> apart_by_colons(const std::string& value) {
  std::vector<std::string> paths;
  for (size_t at = 0; at <= value.size();) {
    size_t colon = std::min(value.find(':', at), value.size());
    if (colon > at) paths.push_back(value.substr(at, colon - at));
    at = colon + 1;
  }
  return paths;
}

// Where the Vulkan loader looks: the folders of the user and of the machine, of settings and of data.
std::vector<std::string> manifest_folders(const std::string& root) {
  std::string home = environment("HOME").value_or("");
  std::string places = environment("XDG_CONFIG_HOME").value_or(home + "/.config");
  for (const std::string& more : {environment("XDG_CONFIG_DIRS").value_or("/etc/xdg"), std::string("/etc"),
                                  environment("XDG_DATA_HOME").value_or(home + "/.local/share"),
                                  environment("XDG_DATA_DIRS").value_or("/usr/local/share:/usr/share")})
    places += ":" + more;
  std::vector<std::string> folders = apart_by_colons(places);
  for (std::string& folder : folders) folder = root + folder + "/vulkan/icd.d";
  return folders;
}

}  // namespace

GraphicsFiles find_graphics_files(const std::string& root) {
  GraphicsFiles found;
  found.wsl = files::exists(root + "/dev/dxg");
  found.nvidia = files::exists(root + "/dev/nvidiactl");
  found.container = files::exists(root + "/.dockerenv") || files::exists(root + "/run/.containerenv");
  for (const auto& path : entries(root + "/dev/dri", "renderD", ""))
    found.render_nodes.push_back({path, access(path.c_str(), R_OK | W_OK) == 0});
  found.vulkan_drivers = vulkan_driver_files(root);
  return found;
}

std::vector<std::string> vulkan_driver_files(const std::string& root) {
  std::vector<std::string> found;
  for (const char* variable : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"}) {
    auto value = environment(variable);
    if (!value) continue;
    for (const std::string& path : apart_by_colons(*value)) {  // a file or a folder of them
      if (files::is_directory(path))
        std::ranges::copy(entries(path, "", ".json"), std::back_inserter(found));
      else
        found.push_back(path);
    }
    return found;
  }
  for (const std::string& folder : manifest_folders(root))
    std::ranges::copy(entries(folder, "", ".json"), std::back_inserter(found));
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<const char*> vulkan_loader_names() {
  return {"libvulkan.so.1", "libvulkan.so"};
}

}  // namespace lineshaft
