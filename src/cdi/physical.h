// The GPUs that a machine shows, for containers that bring their own driver or, for NVIDIA and WSL 2, use the
// machine's: device nodes, and the driver's libraries where they have to be those of the kernel's driver. No hooks:
// nothing of the machine runs for a container.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cdi/root.h"
#include "cdi/spec.h"

namespace lineshaft::cdi {

// A spec, and what its user had better know: sentences.
struct Physical {
  Spec spec;
  std::vector<std::string> notes;
};

// Each is nothing where the machine shows no such GPU, and throws Error(kUnsupported), saying what to do, where one is
// there but a part that every container needs is not.

// lineshaft.dev/nvidia: /dev/nvidia*, the driver's libraries, nvidia-smi, the Vulkan manifest. NVIDIA's own kind,
// nvidia.com/gpu, belongs to its toolkit and is never written. Names: index by PCI address, UUID, all.
std::optional<Physical> nvidia_spec(const Root& root);
// lineshaft.dev/dri: render and card nodes of every GPU that a Mesa driver serves, with /dev/kfd for AMD's. Names:
// index by render node, PCI address, AMD's unique id, all.
std::optional<Physical> dri_spec(const Root& root);
// lineshaft.dev/wsl: /dev/dxg and /usr/lib/wsl of a WSL 2 guest. One node serves all GPUs, so the only name is all.
std::optional<Physical> wsl_spec(const Root& root);

struct PhysicalKind {
  const char* name;  // "nvidia": the kind's class
  std::optional<Physical> (*find)(const Root& root);
  const char* sought;  // what tells that there is such a GPU: "/dev/nvidiactl"
};
const std::vector<PhysicalKind>& physical_kinds();

// Options of what a container reads and nobody writes.
std::vector<std::string> read_only_mount();

}  // namespace lineshaft::cdi
