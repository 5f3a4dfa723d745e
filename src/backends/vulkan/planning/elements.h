// How many elements a kernel can address, and limits that environment variables lower for tests.
#pragma once

#include <cstdint>

namespace lineshaft::vulkan {

// An environment variable that lowers a limit, and its least allowed value.
struct Lowered {
  const char* variable;
  int64_t least;
};
inline constexpr Lowered kElements{"LINESHAFT_VULKAN_ELEMENTS", 4096};

// The variable's value; `limit` where it is not set; -1 where it is not an allowed number.
int64_t lowered(const Lowered& what, int64_t limit);

// The most elements that a kernel can address: a number of 31 bits. LINESHAFT_VULKAN_ELEMENTS lowers it, so that larger
// operations can be tested with small tensors.
int64_t most_elements();

// Returns `count`. Throws Error(kUnsupported) where it is more than most_elements().
uint32_t element_count(int64_t count);

}  // namespace lineshaft::vulkan
