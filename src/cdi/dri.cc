#include <algorithm>

#include "cdi/names.h"
#include "cdi/physical.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

struct RenderGpu {
  std::vector<std::string> names;
  std::vector<std::string> nodes;
  bool amd = false;
};

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// "0000:03:00.0"
bool is_pci_address(const std::string& text) {
  return text.size() == 12 && text[4] == ':' && text[7] == ':' && text[10] == '.';
}

RenderGpu gpu_of(const Root& root, const std::string& render_node, size_t index) {
  RenderGpu gpu{.names = {std::to_string(index)}};
  std::string device = "/sys/class/drm/" + render_node + "/device";
  // Card before render node, as its folder in sysfs lists them.
  for (const std::string& card : root.names(device + "/drm", "card"))
    if (root.exists("/dev/dri/" + card)) gpu.nodes.push_back("/dev/dri/" + card);
  gpu.nodes.push_back("/dev/dri/" + render_node);
  if (auto real = root.resolve(device); real && is_pci_address(last_part(*real))) gpu.names.push_back(last_part(*real));
  if (std::string id = root.read(device + "/unique_id"); !id.empty() && wrong_device_name(id).empty())
    gpu.names.push_back(id);
  gpu.amd = root.read(device + "/vendor") == "0x1002";
  return gpu;
}

// NVIDIA's own driver is lineshaft.dev/nvidia: its render node is of no use without the driver's libraries.
bool is_nvidia_driver(const Root& root, const std::string& render_node) {
  auto driver = root.resolve("/sys/class/drm/" + render_node + "/device/driver");
  return driver && last_part(*driver) == "nvidia";
}

}  // namespace

std::optional<Physical> dri_spec(const Root& root) {
  std::vector<RenderGpu> gpus;
  for (const std::string& node : root.names("/dev/dri", "renderD"))
    if (!is_nvidia_driver(root, node)) gpus.push_back(gpu_of(root, node, gpus.size()));
  if (gpus.empty()) return std::nullopt;
  Physical found{.spec = {.kind = "lineshaft.dev/dri"}};
  bool kfd = root.exists("/dev/kfd");
  for (const RenderGpu& gpu : gpus) {
    Edits edits;
    for (const std::string& node : gpu.nodes) edits.device_nodes.push_back({.path = node});
    if (gpu.amd && kfd) edits.device_nodes.push_back({.path = "/dev/kfd"});
    add_device(found.spec, gpu.names, edits);
  }
  add_all(found.spec);
  if (kfd && std::ranges::none_of(gpus, &RenderGpu::amd))
    found.notes.emplace_back("/dev/kfd is left out: no render node here is of an AMD GPU");
  found.notes.emplace_back(
      "a container's process that is not root has to be in the group of the render nodes: --group-add with the number "
      "that `stat -c %g /dev/dri/renderD128` prints, or --group-add keep-groups with rootless podman");
  return found;
}

}  // namespace lineshaft::cdi
