#include "cdi/physical.h"

namespace lineshaft::cdi {

const std::vector<PhysicalKind>& physical_kinds() {
  static const std::vector<PhysicalKind> kinds = {{"nvidia", nvidia_spec, "/dev/nvidiactl"},
                                                  {"dri", dri_spec, "a render node in /dev/dri"},
                                                  {"wsl", wsl_spec, "/dev/dxg"}};
  return kinds;
}

std::vector<std::string> read_only_mount() {
  return {"ro", "nosuid", "nodev", "rbind", "rprivate"};
}

}  // namespace lineshaft::cdi
