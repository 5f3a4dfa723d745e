// How a virtual machine monitor is told of a window and its ports.
#pragma once

#include <string>

#include "transport/vm_window.h"

namespace lineshaft::cli {

enum class WindowDevice { kNvdimm, kIvshmem };

// QEMU's arguments, one a line, without characters that a shell would change. Throws Error(kInvalidArgument) where the
// device does not take the window's size.
std::string qemu_fragment(const std::string& window, const WindowLayout& layout, WindowDevice device);
// Elements of a libvirt domain.
std::string libvirt_fragment(const std::string& window, const WindowLayout& layout, WindowDevice device);

}  // namespace lineshaft::cli
