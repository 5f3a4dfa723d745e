#include "cdi/physical.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cdi/check.h"
#include "cdi/libraries.h"
#include "cdi/test_machine.h"
#include "support/expected_error.h"

namespace lineshaft::cdi {
namespace {

using Strings = std::vector<std::string>;

const Device* find(const Spec& spec, const std::string& name) {
  auto at = std::ranges::find(spec.devices, name, &Device::name);
  return at == spec.devices.end() ? nullptr : &*at;
}

Strings nodes_of(const Edits& edits) {
  Strings paths;
  for (const DeviceNode& node : edits.device_nodes) paths.push_back(node.path);
  return paths;
}

// "host -> container", the paths of every mount.
Strings mounts_of(const Edits& edits) {
  Strings paths;
  for (const Mount& mount : edits.mounts) paths.push_back(mount.host_path + " -> " + mount.container_path);
  return paths;
}

bool has(const Strings& values, const std::string& value) {
  return std::ranges::find(values, value) != values.end();
}

void expect_valid(const Spec& spec) {
  Reading reading = read_spec(to_text(spec, Format::kJson));
  for (const Problem& problem : reading.problems) ADD_FAILURE() << to_string(problem, spec.kind);
  EXPECT_EQ(reading.version, required_version(spec));
  EXPECT_LE(reading.version, "0.5.0");
}

// Two GPUs, listed by the driver in another order than their nodes; Debian's layout with links through alternatives.
void make_nvidia(const TestMachine& machine) {
  for (const char* node :
       {"nvidiactl", "nvidia0", "nvidia1", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-caps/nvidia-cap1"})
    machine.file(std::string("/dev/") + node);
  machine.file("/proc/driver/nvidia/gpus/0000:0b:00.0/information",
               "Model: \t\t NVIDIA H200\nIRQ:   \t\t 30\nGPU UUID: \t GPU-bbbb\nDevice Minor: \t 0\n");
  machine.file("/proc/driver/nvidia/gpus/0000:03:00.0/information",
               "Model: \t\t NVIDIA H200\nGPU UUID: \t GPU-aaaa\nDevice Minor: \t 1\n");
  machine.file("/proc/driver/nvidia/version",
               "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version: "
               "12.2.0\n");
  machine.gpu("0000:03:00.0", "0x10de", "nvidia", 1, 129);
  const std::string current = "/usr/lib/x86_64-linux-gnu/nvidia/current/";
  for (const char* name : {"libcuda.so", "libGLX_nvidia.so", "libnvidia-glcore.so"})
    machine.library(current + name + ".535.183.01");
  machine.link(current + "libcuda.so.1", "libcuda.so.535.183.01");
  machine.link(current + "libcuda.so", "libcuda.so.1");
  machine.link(current + "libGLX_nvidia.so.0", "libGLX_nvidia.so.535.183.01");
  machine.library(current + "libcuda.so.470.1");
  machine.link("/etc/alternatives/libcuda", current + "libcuda.so.535.183.01");
  machine.link("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "/etc/alternatives/libcuda");
  machine.library("/usr/lib/i386-linux-gnu/libcuda.so.535.183.01", 32);
  machine.file("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n");
  machine.file("/etc/ld.so.conf.d/32.conf", "# other\n/usr/lib/i386-linux-gnu\n");
  machine.file("/usr/share/vulkan/icd.d/nvidia_icd.json", "{}");
  machine.file("/usr/bin/nvidia-smi");
}

TEST(CdiNvidia, DevicesAreNamedByIndexUuidAndAll) {
  TestMachine machine;
  make_nvidia(machine);
  auto found = nvidia_spec(machine.root());
  ASSERT_TRUE(found);
  expect_valid(found->spec);
  EXPECT_EQ(found->spec.kind, "lineshaft.dev/nvidia");
  ASSERT_TRUE(find(found->spec, "0") && find(found->spec, "GPU-aaaa") && find(found->spec, "GPU-bbbb"));
  EXPECT_EQ(nodes_of(find(found->spec, "0")->edits),
            (Strings{"/dev/nvidia1", "/dev/dri/card1", "/dev/dri/renderD129"}));
  EXPECT_EQ(find(found->spec, "0")->edits, find(found->spec, "GPU-aaaa")->edits);
  EXPECT_EQ(nodes_of(find(found->spec, "1")->edits), Strings{"/dev/nvidia0"});
  EXPECT_EQ(find(found->spec, "all")->edits.device_nodes.size(), 4u);
  EXPECT_EQ(nodes_of(found->spec.edits), (Strings{"/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"}));
  EXPECT_TRUE(found->notes.empty());
}

TEST(CdiNvidia, LibrariesOfTheDriversVersionAreMountedUnderEveryName) {
  TestMachine machine;
  make_nvidia(machine);
  const Edits edits = nvidia_spec(machine.root())->spec.edits;
  const Strings mounts = mounts_of(edits);
  const std::string host = "/usr/lib/x86_64-linux-gnu/nvidia/current/", to = " -> /usr/local/nvidia/lib64/";
  for (const char* name : {"libcuda.so.535.183.01", "libcuda.so.1", "libcuda.so"})
    EXPECT_TRUE(has(mounts, host + "libcuda.so.535.183.01" + to + name)) << name;
  EXPECT_TRUE(has(mounts, host + "libGLX_nvidia.so.535.183.01" + to + "libGLX_nvidia.so.0"));
  EXPECT_TRUE(has(mounts, host + "libnvidia-glcore.so.535.183.01" + to + "libnvidia-glcore.so.535.183.01"));
  EXPECT_TRUE(has(mounts, "/usr/share/vulkan/icd.d/nvidia_icd.json -> /etc/vulkan/icd.d/nvidia_icd.json"));
  EXPECT_TRUE(has(mounts, "/usr/bin/nvidia-smi -> /usr/bin/nvidia-smi"));
  for (const std::string& mount : mounts) {
    EXPECT_EQ(mount.find("i386"), std::string::npos) << mount;
    EXPECT_EQ(mount.find("470"), std::string::npos) << mount;
    EXPECT_EQ(mount.find(machine.folder()), std::string::npos) << mount;
  }
  EXPECT_EQ(mounts.size(), 8u);
  EXPECT_EQ(edits.env, Strings{"LD_LIBRARY_PATH=/usr/local/nvidia/lib64"});
}

TEST(CdiNvidia, WhatIsMissingIsNamed) {
  TestMachine machine;
  EXPECT_FALSE(nvidia_spec(machine.root()));
  machine.file("/dev/nvidiactl");
  expect_error("no /dev/nvidia0", [&] { nvidia_spec(machine.root()); });
  machine.file("/dev/nvidia0");
  machine.file("/dev/nvidia10");
  machine.file("/dev/nvidia2");
  expect_error("driver's version", [&] { nvidia_spec(machine.root()); });
  machine.file("/sys/module/nvidia/version", "550.54\n");
  machine.library("/usr/lib64/libcuda.so.535.1");
  expect_error("no libcuda.so.550.54 in /usr/lib64;", [&] { nvidia_spec(machine.root()); });
  machine.library("/usr/lib64/libcuda.so.550.54");
  auto found = nvidia_spec(machine.root());
  ASSERT_TRUE(found);
  expect_valid(found->spec);
  EXPECT_EQ(nodes_of(find(found->spec, "2")->edits), Strings{"/dev/nvidia10"});
  ASSERT_EQ(found->notes.size(), 1u);
  EXPECT_NE(found->notes[0].find("nvidia-modprobe -u"), std::string::npos);
}

TEST(CdiDri, RenderNodesComeWithTheirCardsAndAmdsWithKfd) {
  TestMachine machine;
  EXPECT_FALSE(dri_spec(machine.root()));
  machine.gpu("0000:03:00.0", "0x1002", "amdgpu", 1, 128);
  machine.gpu("0000:00:02.0", "0x8086", "i915", 0, 129);
  machine.gpu("0000:0b:00.0", "0x10de", "nvidia", 2, 130);
  machine.file("/sys/devices/pci0000:00/0000:03:00.0/unique_id", "b3a0c4d5e6f70819\n");
  machine.file("/dev/kfd");
  auto found = dri_spec(machine.root());
  ASSERT_TRUE(found);
  expect_valid(found->spec);
  const Device* amd = find(found->spec, "0");
  ASSERT_TRUE(amd && find(found->spec, "0000:03:00.0") && find(found->spec, "b3a0c4d5e6f70819"));
  EXPECT_EQ(nodes_of(amd->edits), (Strings{"/dev/dri/card1", "/dev/dri/renderD128", "/dev/kfd"}));
  ASSERT_TRUE(find(found->spec, "0000:00:02.0"));
  EXPECT_EQ(nodes_of(find(found->spec, "0000:00:02.0")->edits), (Strings{"/dev/dri/card0", "/dev/dri/renderD129"}));
  EXPECT_FALSE(find(found->spec, "2"));
  EXPECT_EQ(nodes_of(find(found->spec, "all")->edits).size(), 5u);
}

TEST(CdiDri, ARenderNodeWithoutSysfsStandsAlone) {
  TestMachine machine;
  machine.file("/dev/dri/renderD128");
  machine.file("/dev/dri/card0");
  machine.file("/dev/kfd");
  auto found = dri_spec(machine.root());
  ASSERT_TRUE(found);
  expect_valid(found->spec);
  EXPECT_EQ(nodes_of(find(found->spec, "all")->edits), Strings{"/dev/dri/renderD128"});
  EXPECT_EQ(found->notes.size(), 2u);
  EXPECT_NE(found->notes[0].find("/dev/kfd is left out"), std::string::npos);
}

TEST(CdiWsl, TheNodeAndWindowsDriverFolder) {
  TestMachine machine;
  EXPECT_FALSE(wsl_spec(machine.root()));
  machine.file("/dev/dxg");
  expect_error("wsl --update", [&] { wsl_spec(machine.root()); });
  machine.library("/usr/lib/wsl/lib/libdxcore.so");
  auto found = wsl_spec(machine.root());
  ASSERT_TRUE(found);
  expect_valid(found->spec);
  ASSERT_EQ(found->spec.devices.size(), 1u);
  EXPECT_EQ(found->spec.devices[0].name, "all");
  EXPECT_EQ(nodes_of(found->spec.devices[0].edits), Strings{"/dev/dxg"});
  EXPECT_EQ(mounts_of(found->spec.devices[0].edits), Strings{"/usr/lib/wsl -> /usr/lib/wsl"});
  EXPECT_TRUE(has(found->spec.devices[0].edits.mounts[0].options, "rbind"));
  EXPECT_EQ(found->spec.devices[0].edits.env, Strings{"LD_LIBRARY_PATH=/usr/lib/wsl/lib"});
}

TEST(CdiLibraries, FoldersAreThoseOfTheLinkerInItsOrder) {
  TestMachine machine;
  machine.file("/etc/ld.so.conf", "/opt/one # first\ninclude ld.so.conf.d/*.conf missing/*.conf\n");
  machine.file("/etc/ld.so.conf.d/b.conf", "/opt/b\n/opt/none\ninclude /etc/ld.so.conf\n");
  machine.file("/etc/ld.so.conf.d/.hidden.conf", "/opt/hidden\n");
  for (const char* folder : {"/opt/one", "/opt/b", "/opt/hidden", "/usr/lib"})
    machine.file(std::string(folder) + "/file");
  machine.link("/lib", "usr/lib");
  EXPECT_EQ(library_folders(machine.root()), (Strings{"/opt/one", "/opt/b", "/usr/lib"}));
}

}  // namespace
}  // namespace lineshaft::cdi
