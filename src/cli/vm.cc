// lineshaft vm: prepares the window of a virtual machine, and says how its monitor shows it.
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "cli/vm_fragments.h"
#include "lineshaft/base/error.h"
#include "transport/vm_window.h"

namespace lineshaft::cli {
namespace {

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string window_of(const Arguments& arguments, const char* command) {
  const std::vector<std::string>& words = arguments.positional();
  LS_REQUIRE(words.size() == 1, "lineshaft vm ", command, " takes one window; for example: lineshaft vm ", command,
             " /dev/shm/builder.window");
  return words[0];
}

int run_vm_init(const Arguments& arguments) {
  std::string path = window_of(arguments, "init");
  auto size = static_cast<uint64_t>(arguments.number("--size", 256)) << 20;
  int64_t slots = arguments.number("--slots", 8);
  LS_REQUIRE(slots <= WindowLayout::kMostSlots, "a window has 1 to ", WindowLayout::kMostSlots, " slots, not ", slots);
  WindowLayout layout = create_window(absolute(path), size, static_cast<uint32_t>(slots));
  std::cout << path << ": a window of " << (layout.size >> 20) << " MiB, for " << layout.slots
            << (layout.slots == 1 ? " session" : " sessions") << " at once with " << (layout.slot_size >> 20)
            << " MiB each\n\nnext:\n"
            << "  lineshaft vm args " << path << "      # what to add to QEMU's command line\n"
            << "  lineshaft serve --vm " << path << "   # lends devices to the machine\n";
  return kDone;
}

int run_vm_args(const Arguments& arguments) {
  std::string window = absolute(window_of(arguments, "args"));
  WindowLayout layout = window_layout(window);
  WindowDevice device = arguments.has("--ivshmem") ? WindowDevice::kIvshmem : WindowDevice::kNvdimm;
  std::cout << (arguments.has("--libvirt") ? libvirt_fragment(window, layout, device)
                                           : qemu_fragment(window, layout, device));
  return kDone;
}

Command init_command() {
  return {.name = "vm init",
          .summary = "Make the window file through which a virtual machine computes",
          .positional = "WINDOW",
          .options = {{"--size", "MIB", "of the window, a multiple of 16 (256)"},
                      {"--slots", "N", "sessions that the machine may have at once, up to 30 (8)"}},
          .examples =
              "  lineshaft vm init /dev/shm/builder.window\n"
              "  lineshaft vm init /dev/shm/builder.window --size 1024 --slots 16\n",
          .run = run_vm_init};
}

Command args_command() {
  return {.name = "vm args",
          .summary = "Print what QEMU or libvirt needs to show a window to a machine",
          .positional = "WINDOW",
          .options = {{"--libvirt", nullptr, "elements of libvirt's domain instead of QEMU's arguments"},
                      {"--ivshmem", nullptr, "show it as ivshmem, for guests whose kernel has no NVDIMM driver"}},
          .examples =
              "  qemu-system-x86_64 -machine q35 -m 4096 $(lineshaft vm args /dev/shm/builder.window) ...\n"
              "  lineshaft vm args /dev/shm/builder.window --libvirt\n",
          .run = run_vm_args};
}

}  // namespace

Command vm_command() {
  return {.name = "vm",
          .summary = "Prepare a virtual machine's window, and print what QEMU or libvirt needs for it",
          .positional = "",
          .options = {},
          .examples =
              "  lineshaft vm init /dev/shm/builder.window\n"
              "  qemu-system-x86_64 -machine q35 -m 4096 $(lineshaft vm args /dev/shm/builder.window) ...\n"
              "  lineshaft serve --vm /dev/shm/builder.window\n"
              "  lineshaft devices     # in the machine\n",
          .run = nullptr,
          .commands = {init_command(), args_command()}};
}

}  // namespace lineshaft::cli
