// Operands that are longer than maxStorageBufferRange, the most that the device can bind as one storage buffer. There
// are no special kernels for them: the SPIR-V of a kernel is rewritten so that it accesses them by device address or,
// on a device without addresses, through several descriptors, each for one window of the operand.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/vulkan/device/features.h"

namespace lineshaft::vulkan {

struct FarOperands {
  uint64_t mask = 0;           // bit k: storage buffer k, at binding 1 + k
  uint32_t windows = 0;        // descriptors for each operand; 0: by address
  uint32_t window_bytes = 0;   // bytes of a window, a power of two
  uint32_t first_binding = 0;  // after the kernel's own bindings

  explicit operator bool() const { return mask != 0; }
  bool has(size_t buffer) const { return buffer < 64 && (mask >> buffer & 1); }
  int count() const;
  friend bool operator==(const FarOperands&, const FarOperands&) = default;
};

// The most bytes, as a power of two, that a device can bind as one storage buffer.
uint32_t window_bytes(const Features& features);

// The rewritten kernel, which does not use the bindings of these operands. By address: binding `first_binding` is a
// uniform buffer of their addresses, 16 bytes each, in the order of their bindings. By windows: each operand has an
// array of storage buffers, in bindings from `first_binding` on.
std::vector<uint32_t> reach_far(std::span<const uint32_t> kernel, const FarOperands& far);

}  // namespace lineshaft::vulkan
