#include "cli/vm_fragments.h"

#include <bit>

#include "lineshaft/base/error.h"

namespace lineshaft::cli {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

void require_ivshmem(const WindowLayout& layout) {
  LS_REQUIRE(std::has_single_bit(layout.size), "ivshmem takes a power of two, and the window has ", layout.size / kMiB,
             " MiB; make one of ", std::bit_ceil(layout.size) / kMiB, " MiB with `lineshaft vm init --size`");
}

std::string text_of_xml(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '\'')
      escaped += "&apos;";
    else
      escaped += c;
  }
  return escaped;
}

}  // namespace

std::string qemu_fragment(const std::string& window, const WindowLayout& layout, WindowDevice device) {
  std::string text;
  if (device == WindowDevice::kNvdimm) text += "-machine nvdimm=on\n-m slots=2,maxmem=256G\n";
  text += concat("-object memory-backend-file,id=lineshaft,share=on,mem-path=", window, ",size=", layout.size, "\n");
  if (device == WindowDevice::kNvdimm) {
    text += "-device nvdimm,id=lineshaft-window,memdev=lineshaft\n";
  } else {
    require_ivshmem(layout);
    text += "-device ivshmem-plain,id=lineshaft-window,memdev=lineshaft\n";
  }
  text += concat("-device virtio-serial-pci,id=lineshaft-ports,max_ports=", layout.slots + 1, "\n");
  for (uint32_t slot = 0; slot < layout.slots; ++slot) {
    std::string name = port_name(slot);
    text += concat("-chardev socket,id=", name, ",server=on,wait=off,path=", port_socket(window, slot), "\n");
    text +=
        concat("-device virtserialport,bus=lineshaft-ports.0,nr=", slot + 1, ",chardev=", name, ",name=", name, "\n");
  }
  return text;
}

std::string libvirt_fragment(const std::string& window, const WindowLayout& layout, WindowDevice device) {
  std::string path = text_of_xml(window);
  std::string text;
  if (device == WindowDevice::kNvdimm) {
    text += concat("<!-- in <domain>, beside <memory>; an NVDIMM needs <numa> with one <cell> in <cpu> too -->\n",
                   "<maxMemory slots='2' unit='GiB'>256</maxMemory>\n<!-- in <devices> -->\n",
                   "<memory model='nvdimm' access='shared'>\n  <source>\n    <path>", path,
                   "</path>\n  </source>\n  <target>\n    <size unit='MiB'>", layout.size / kMiB,
                   "</size>\n    <node>0</node>\n  </target>\n</memory>\n");
  } else {
    require_ivshmem(layout);
    constexpr std::string_view kFolder = "/dev/shm/";
    LS_REQUIRE(window.starts_with(kFolder) && window.find('/', kFolder.size()) == std::string::npos,
               "libvirt looks for ivshmem's file in /dev/shm, and the window is ", window, "; make it there");
    text += concat("<!-- in <devices> -->\n<shmem name='", path.substr(kFolder.size()),
                   "'>\n  <model type='ivshmem-plain'/>\n  <size unit='M'>", layout.size / kMiB, "</size>\n</shmem>\n");
  }
  for (uint32_t slot = 0; slot < layout.slots; ++slot)
    text += concat("<channel type='unix'>\n  <source mode='bind' path='", text_of_xml(port_socket(window, slot)),
                   "'/>\n  <target type='virtio' name='", port_name(slot), "'/>\n</channel>\n");
  return text;
}

}  // namespace lineshaft::cli
