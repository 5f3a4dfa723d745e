// How many elements kernels count, and limits that a variable lowers for tests.
#pragma once

#include <cstdint>

namespace lineshaft::vulkan {

// A limit that a variable lowers, and the least that it takes.
struct Lowered {
  const char* variable;
  int64_t least;
};
inline constexpr Lowered kElements{"LINESHAFT_VULKAN_ELEMENTS", 4096};

// The variable's number, `limit` where it is not set, -1 where it is nothing that serves.
int64_t lowered(const Lowered& what, int64_t limit);

// How many elements kernels count: 31 bits. LINESHAFT_VULKAN_ELEMENTS lowers it, so that operations on more are tested
// with small tensors.
int64_t most_elements();

// `count`, if kernels count so far. Throws Error(kUnsupported).
uint32_t element_count(int64_t count);

}  // namespace lineshaft::vulkan
