// The window of a virtual machine: a file that QEMU shows to its guest as memory, as an NVDIMM or as ivshmem. It is
// divided into slots, one for each session that the guest's processes may have at once:
//
//     4 KiB    an info block: it makes the guest's kernel offer the NVDIMM as a DAX device
//     2 MiB    WindowHeader; the DAX device begins here
//     4 MiB    slot 0: a page with SlotControl, then RingLayout
//     ...
//
// Each slot has a virtio-serial port, "lineshaft.0" and so on, as its doorbell. On the host the port is a Unix socket
// that QEMU listens at, beside the window: WINDOW.0.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "base/command_export.h"
#include "platform/descriptor.h"

namespace lineshaft {

struct WindowLayout {
  static constexpr uint64_t kHeader = uint64_t{2} << 20;     // offset of WindowHeader in the file
  static constexpr uint64_t kSlots = uint64_t{4} << 20;      // offset of the first slot
  static constexpr uint64_t kAlign = uint64_t{2} << 20;      // of slots: what a guest can map of a DAX device
  static constexpr uint64_t kWhole = uint64_t{16} << 20;     // an NVDIMM's size is a multiple of it
  static constexpr uint64_t kLeastSlot = uint64_t{8} << 20;  // rings, and room for one piece of an upload
  static constexpr uint32_t kMostSlots = 30;                 // ports of a virtio-serial device, less the console's

  uint32_t slots = 0;
  uint64_t slot_size = 0;  // bytes
  uint64_t size = 0;       // of the file

  uint64_t offset(uint32_t slot) const { return kSlots + slot * slot_size; }
};

// What lies at WindowLayout::kHeader. The guest can write it.
struct WindowHeader {
  char magic[8] = {'L', 'S', 'W', 'I', 'N', 'D', 'O', 'W'};
  uint32_t version = 1;
  uint32_t slots = 0;
  uint64_t slot_size = 0;
  uint64_t size = 0;
};

// The first page of a slot. Each side writes its own lines; what the other writes is only compared.
struct SlotControl {
  static constexpr size_t kPage = 4096;
  // The guest's: a number that it makes up for each session, set before it rings.
  alignas(64) std::atomic<uint64_t> claim;
  // The guest's: counts up ten times a second as long as its process runs.
  alignas(64) std::atomic<uint32_t> beats;
  // The guest's: bytes that it has taken from its port in this session.
  std::atomic<uint32_t> heard;
  // The server's: the claim that it serves, 0 for none.
  alignas(64) std::atomic<uint64_t> serves;
  // The server's: the claim that it turns away, and why.
  std::atomic<uint64_t> refuses;
  char reason[512];
};
static_assert(sizeof(SlotControl) <= SlotControl::kPage);

// What travels over a port: bytes that wake. A server looks for a new guest when it sees kKnock.
inline constexpr char kKnock = 'K', kRing = 'R';

// Makes a window file, readable and writable by its owner alone. `size` is in bytes. Throws Error(kInvalidArgument)
// naming what does not fit, or that there is such a file.
LINESHAFT_COMMAND_EXPORT WindowLayout create_window(const std::string& path, uint64_t size, uint32_t slots);

// Opens a window file and locks it against a second server. Throws Error(kInvalidArgument) where it is none.
struct OpenWindow {
  Descriptor file;
  WindowLayout layout;
};
OpenWindow open_window(const std::string& path);
// The layout without keeping the file.
LINESHAFT_COMMAND_EXPORT WindowLayout window_layout(const std::string& path);

// Checks a header against the bytes that there are, counted from the beginning of the file. Throws Error(kProtocol).
WindowLayout layout_of(const WindowHeader& header, uint64_t size);

// "lineshaft.3": the port of a slot, as the guest's kernel names it.
LINESHAFT_COMMAND_EXPORT std::string port_name(uint32_t slot);
// "/dev/shm/builder.window.3": where QEMU listens for the server.
LINESHAFT_COMMAND_EXPORT std::string port_socket(const std::string& window, uint32_t slot);
// "builder", of "/dev/shm/builder.window".
std::string window_name(const std::string& path);

}  // namespace lineshaft
