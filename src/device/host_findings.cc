#include "device/host_findings.h"

#include <algorithm>

namespace lineshaft {

bool is_gpu(const DeviceProperties& device) {
  return device.device_class == DeviceClass::kDiscreteGpu || device.device_class == DeviceClass::kIntegratedGpu ||
         device.device_class == DeviceClass::kVirtualGpu;
}

std::vector<Finding> host_findings(const GraphicsFiles& files, const std::vector<DeviceProperties>& devices) {
  if (std::ranges::any_of(devices, is_gpu)) return {};
  std::vector<Finding> findings;
  for (const RenderNode& node : files.render_nodes)
    if (!node.usable)
      findings.push_back({"GPU", node.path + " is there, but this user may not open it: the CPU is used",
                          files.container ? "add the group that owns it to the container: --group-add with the number "
                                            "that `stat -c %g " +
                                                node.path + "` prints on the host"
                                          : "join its group and log in again: sudo usermod -aG render \"$USER\"",
                          Severity::kWarning});
  if (files.wsl)
    findings.push_back(
        {"WSL 2", "Windows lends this guest a GPU (/dev/dxg), but no Vulkan driver here reaches it: the CPU is used",
         "the Mesa of Debian and Ubuntu comes without its Direct3D 12 driver (dzn); install a Mesa that has "
         "it, on Ubuntu: sudo add-apt-repository ppa:kisak/kisak-mesa && sudo apt-get install "
         "mesa-vulkan-drivers; then `lineshaft doctor` again",
         Severity::kWarning});
  if (files.nvidia && !files.wsl)
    findings.push_back({"NVIDIA", "NVIDIA's driver is loaded, but its Vulkan part is not usable: the CPU is used",
                        files.container
                            ? "start the container with NVIDIA_DRIVER_CAPABILITIES=all"
                            : "install the package that holds nvidia_icd.json and libGLX_nvidia.so.0, on Ubuntu: "
                              "libnvidia-gl of the driver's version",
                        Severity::kWarning});
  return findings;
}

}  // namespace lineshaft
