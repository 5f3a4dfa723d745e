// Operands that are longer than what the device binds as one storage buffer (maxStorageBufferRange). No kernel is
// written for them: its SPIR-V is rewritten so that it reaches them by device address or, where the device has no
// addresses, through several descriptors, each a window of the operand.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/vulkan/device/features.h"

namespace lineshaft::vulkan {

struct FarOperands {
  uint64_t mask = 0;           // bit k: storage buffer k, at binding 1 + k
  uint32_t windows = 0;        // descriptors of each; 0: by address
  uint32_t window_bytes = 0;   // of one, a power of two
  uint32_t first_binding = 0;  // after the kernel's own bindings

  explicit operator bool() const { return mask != 0; }
  bool has(size_t buffer) const { return buffer < 64 && (mask >> buffer & 1); }
  int count() const;
  friend bool operator==(const FarOperands&, const FarOperands&) = default;
};

// What a device binds as one storage buffer, as a power of two.
uint32_t window_bytes(const Features& features);

// The kernel with those operands out of their bindings. By address: `first_binding` is a uniform buffer of their
// addresses, 16 bytes each, in the order of their bindings. In windows: each has a storage buffer array of its own,
// from `first_binding` on.
std::vector<uint32_t> reach_far(std::span<const uint32_t> kernel, const FarOperands& far);

}  // namespace lineshaft::vulkan
