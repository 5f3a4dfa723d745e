// The window of a virtual machine: a file that QEMU offers its guest as memory, by an NVDIMM or ivshmem. It is divided
// into slots, one for each session that processes of the guest may have at the same time:
//
//     4 KiB    an info block: it makes the guest's kernel offer the NVDIMM as a DAX device
//     2 MiB    WindowHeader; the DAX device begins here
//     4 MiB    slot 0: a page with SlotControl, then RingLayout
//     ...
//
// The doorbell of each slot is a virtio-serial port, "lineshaft.0" and so on. On the host the port is a Unix socket
// next to the window file, at which QEMU listens: WINDOW.0.
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
  static constexpr uint64_t kAlign = uint64_t{2} << 20;      // of slots: the alignment of mappings of a DAX device
  static constexpr uint64_t kWhole = uint64_t{16} << 20;     // an NVDIMM's size is a multiple of it
  static constexpr uint64_t kLeastSlot = uint64_t{8} << 20;  // room for the rings and one piece of an upload
  static constexpr uint32_t kMostSlots = 30;                 // ports of a virtio-serial device without the console's

  uint32_t slots = 0;
  uint64_t slot_size = 0;  // bytes
  uint64_t size = 0;       // of the file

  uint64_t offset(uint32_t slot) const { return kSlots + slot * slot_size; }
};

// The header at WindowLayout::kHeader. The guest can write it.
struct WindowHeader {
  char magic[8] = {'L', 'S', 'W', 'I', 'N', 'D', 'O', 'W'};
  uint32_t version = 1;
  uint32_t slots = 0;
  uint64_t slot_size = 0;
  uint64_t size = 0;
};

// The first page of a slot. Each side writes only its own fields; it only compares the fields of the other side.
struct SlotControl {
  static constexpr size_t kPage = 4096;
  // Written by the guest: a random number for each session, set before the guest rings.
  alignas(64) std::atomic<uint64_t> claim;
  // Written by the guest: incremented ten times a second as long as its process runs.
  alignas(64) std::atomic<uint32_t> beats;
  // Written by the guest: bytes that it has read from its port in this session.
  std::atomic<uint32_t> heard;
  // Written by the server: the claim that it serves; 0 for none.
  alignas(64) std::atomic<uint64_t> serves;
  // Written by the server: the claim that it refuses, and the reason.
  std::atomic<uint64_t> refuses;
  char reason[512];
};
static_assert(sizeof(SlotControl) <= SlotControl::kPage);

// The bytes that are sent over a port, only to wake the other side. A server looks for a new guest when it reads
// kKnock.
inline constexpr char kKnock = 'K', kRing = 'R';

// Creates a window file of `size` bytes that only its owner can read and write. Throws Error(kInvalidArgument) where
// size and slots do not fit, or the file exists.
LINESHAFT_COMMAND_EXPORT WindowLayout create_window(const std::string& path, uint64_t size, uint32_t slots);

// Opens a window file and locks it against a second server. Throws Error(kInvalidArgument) where the file is not a
// window.
struct OpenWindow {
  Descriptor file;
  WindowLayout layout;
};
OpenWindow open_window(const std::string& path);
// The layout of a window file, which is closed again.
LINESHAFT_COMMAND_EXPORT WindowLayout window_layout(const std::string& path);

// Checks a header against `size`, the number of bytes that exist from the file's beginning on. Throws Error(kProtocol)
// where they do not fit.
WindowLayout layout_of(const WindowHeader& header, uint64_t size);

// "lineshaft.3": the name of a slot's port in the guest's kernel.
LINESHAFT_COMMAND_EXPORT std::string port_name(uint32_t slot);
// "/dev/shm/builder.window.3": the socket at which QEMU listens for the server.
LINESHAFT_COMMAND_EXPORT std::string port_socket(const std::string& window, uint32_t slot);
// "builder" for "/dev/shm/builder.window".
std::string window_name(const std::string& path);

}  // namespace lineshaft
