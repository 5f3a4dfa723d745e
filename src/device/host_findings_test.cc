#include "device/host_findings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_folder.h"

namespace lineshaft {
namespace {

DeviceProperties device_of(DeviceClass device_class) {
  DeviceProperties device;
  device.device_class = device_class;
  return device;
}

TEST(HostFindings, AGuestOfWindowsWithoutAGpuIsToldWhyAndWhatToDo) {
  GraphicsFiles files;
  files.wsl = true;
  auto findings = host_findings(files, {device_of(DeviceClass::kCpu), device_of(DeviceClass::kSoftwareGpu)});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].what, "WSL 2");
  EXPECT_NE(findings[0].problem.find("the CPU is used"), std::string::npos);
  EXPECT_NE(findings[0].remedy.find("dzn"), std::string::npos);
}

TEST(HostFindings, AGpuThatIsUsableLeavesNothingToSay) {
  GraphicsFiles files;
  files.wsl = files.nvidia = true;
  files.render_nodes = {{"/dev/dri/renderD128", false}};
  EXPECT_TRUE(host_findings(files, {device_of(DeviceClass::kVirtualGpu), device_of(DeviceClass::kCpu)}).empty());
}

TEST(HostFindings, ARenderNodeThatMayNotBeOpenedIsNamed) {
  GraphicsFiles files;
  files.render_nodes = {{"/dev/dri/renderD128", true}, {"/dev/dri/renderD129", false}};
  auto findings = host_findings(files, {device_of(DeviceClass::kCpu)});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].problem.find("renderD129"), std::string::npos);
}

TEST(HostFindings, FilesAreFoundBelowTheRootThatIsGiven) {
  TemporaryFolder root;
  std::filesystem::create_directories(root.path("dev/dri"));
  std::ofstream(root.path("dev/dxg")) << "";
  std::ofstream(root.path("dev/dri/renderD128")) << "";
  GraphicsFiles files = find_graphics_files(root.path());
  EXPECT_TRUE(files.wsl);
  EXPECT_FALSE(files.nvidia);
  ASSERT_EQ(files.render_nodes.size(), 1u);
  EXPECT_TRUE(files.render_nodes[0].usable);
}

}  // namespace
}  // namespace lineshaft
