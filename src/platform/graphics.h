// What the operating system shows of GPUs, independent of Vulkan drivers: device files and whether this process may
// open them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

struct RenderNode {
  std::string path;     // "/dev/dri/renderD128"
  bool usable = false;  // this process may read and write it
};

struct GraphicsFiles {
  bool wsl = false;        // /dev/dxg: a WSL 2 guest that Windows lends a GPU
  bool nvidia = false;     // NVIDIA's kernel driver: /dev/nvidiactl
  bool container = false;  // /.dockerenv or /run/.containerenv
  std::vector<RenderNode> render_nodes;
  std::vector<std::string> vulkan_drivers;  // as vulkan_driver_files

  bool has_usable_gpu() const { return nvidia || std::ranges::any_of(render_nodes, &RenderNode::usable); }
};

// Looks below the folder `root`; "" is the machine itself.
LINESHAFT_COMMAND_EXPORT GraphicsFiles find_graphics_files(const std::string& root = "");

// The driver manifests that the Vulkan loader reads: those that environment variables name, or else those in its
// folders.
std::vector<std::string> vulkan_driver_files(const std::string& root = "");
// The library names of the Vulkan loader, the most likely first.
LINESHAFT_COMMAND_EXPORT std::vector<const char*> vulkan_loader_names();

}  // namespace lineshaft
