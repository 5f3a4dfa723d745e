// A machine's root folder for tests, with files that a driver would make.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "cdi/root.h"
#include "support/temporary_folder.h"

namespace lineshaft::cdi {

class TestMachine {
 public:
  std::string file(const std::string& path, const std::string& text = "") const {
    std::filesystem::create_directories(std::filesystem::path(folder_ + path).parent_path());
    std::ofstream(folder_ + path, std::ios::binary) << text;
    return folder_ + path;
  }
  void link(const std::string& path, const std::string& target) const {
    std::filesystem::create_directories(std::filesystem::path(folder_ + path).parent_path());
    std::filesystem::create_symlink(target, folder_ + path);
  }
  // The head of a library of 64 or 32 bits.
  void library(const std::string& path, int bits = 64) const {
    file(path, std::string("\x7f"
                           "ELF") +
                   static_cast<char>(bits == 64 ? 2 : 1) + " and so on");
  }
  // A GPU's entries in sysfs and /dev/dri, as the kernel makes them.
  void gpu(const std::string& address, const std::string& vendor, const std::string& driver, int card,
           int render) const {
    const std::string device = "/sys/devices/pci0000:00/" + address;
    const std::string render_name = "renderD" + std::to_string(render), card_name = "card" + std::to_string(card);
    file(device + "/vendor", vendor + "\n");
    link(device + "/driver", "../../../bus/pci/drivers/" + driver);
    std::filesystem::create_directories(folder_ + "/sys/bus/pci/drivers/" + driver);
    link("/sys/bus/pci/devices/" + address, "../../../devices/pci0000:00/" + address);
    for (const std::string& name : {card_name, render_name}) {
      file("/dev/dri/" + name);
      link(device + "/drm/" + name + "/device", "../../../" + address);
      link("/sys/class/drm/" + name, "../../devices/pci0000:00/" + address + "/drm/" + name);
    }
  }
  const std::string& folder() const { return folder_; }
  Root root() const { return Root(folder_); }

 private:
  TemporaryFolder own_;
  std::string folder_ = own_.path();
};

}  // namespace lineshaft::cdi
