#include "platform/graphics.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/scoped_variable.h"
#include "support/temporary_folder.h"

namespace lineshaft {
namespace {

using Paths = std::vector<std::string>;

std::string touch(const TemporaryFolder& folder, const std::string& name) {
  std::string path = folder.path(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << "{}";
  return path;
}

TEST(Graphics, DriversAreFoundWhereTheVulkanLoaderLooks) {
  ScopedVariable files("VK_DRIVER_FILES", nullptr), old_files("VK_ICD_FILENAMES", nullptr), home("HOME", "/home/me"),
      data_home("XDG_DATA_HOME", nullptr), data("XDG_DATA_DIRS", "/opt/share:/opt/share"),
      config_home("XDG_CONFIG_HOME", nullptr), config("XDG_CONFIG_DIRS", nullptr);
  TemporaryFolder root;
  Paths expected = {touch(root, "etc/vulkan/icd.d/b.json"), touch(root, "home/me/.local/share/vulkan/icd.d/c.json"),
                    touch(root, "opt/share/vulkan/icd.d/a.json")};
  touch(root, "etc/vulkan/icd.d/readme.txt");
  EXPECT_EQ(vulkan_driver_files(root.path()), expected);
  EXPECT_EQ(find_graphics_files(root.path()).vulkan_drivers, expected);
}

TEST(Graphics, AVariableNamesFilesAndFoldersOfDriversInsteadOfWhatIsInstalled) {
  TemporaryFolder folder;
  std::string one = touch(folder, "one.json"), b = touch(folder, "more/b.json"), a = touch(folder, "more/a.json");
  ScopedVariable files("VK_DRIVER_FILES", nullptr),
      old_files("VK_ICD_FILENAMES", (one + "::" + folder.path("more")).c_str());
  EXPECT_EQ(vulkan_driver_files(), (Paths{one, a, b}));
  ScopedVariable newer("VK_DRIVER_FILES", b.c_str());
  EXPECT_EQ(vulkan_driver_files(), Paths{b});
}

TEST(Graphics, AGpuIsUsableByTheDriverOfNvidiaOrByARenderNodeThatMayBeOpened) {
  GraphicsFiles files;
  EXPECT_FALSE(files.has_usable_gpu());
  files.render_nodes = {{"/dev/dri/renderD128", false}};
  EXPECT_FALSE(files.has_usable_gpu());
  files.render_nodes.push_back({"/dev/dri/renderD129", true});
  EXPECT_TRUE(files.has_usable_gpu());
  files.render_nodes.clear();
  files.nvidia = true;
  EXPECT_TRUE(files.has_usable_gpu());
}

}  // namespace
}  // namespace lineshaft
