#include "cdi/physical.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cdi {

std::optional<Physical> wsl_spec(const Root& root) {
  if (!root.exists("/dev/dxg")) return std::nullopt;
  if (!root.exists("/usr/lib/wsl/lib/libdxcore.so"))
    fail(ErrorCode::kUnsupported,
         "/dev/dxg is there, but /usr/lib/wsl/lib/libdxcore.so is not; update WSL from Windows: wsl --update");
  Edits edits{.env = {"LD_LIBRARY_PATH=/usr/lib/wsl/lib"},
              .device_nodes = {{.path = "/dev/dxg"}},
              // lib and drivers below it are mounts of their own.
              .mounts = {{"/usr/lib/wsl", "/usr/lib/wsl", read_only_mount()}}};
  Physical found{.spec = {.kind = "lineshaft.dev/wsl"}};
  add_device(found.spec, {"all"}, edits);
  return found;
}

}  // namespace lineshaft::cdi
