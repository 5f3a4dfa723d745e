#include "transport/vm_ports.h"

#include <filesystem>
#include <fstream>

#include "transport/vm_window.h"

namespace lineshaft {

std::string find_port(uint32_t slot) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/sys/class/virtio-ports", error)) {
    std::string name;
    std::getline(std::ifstream(entry.path() / "name"), name);
    if (name == port_name(slot)) return "/dev/" + entry.path().filename().string();
  }
  return "";
}

}  // namespace lineshaft
