// Pinned host memory: page-aligned blocks, found by their addresses. Any thread may call the functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// Allocates `bytes` of memory, rounded up to whole pages; null for 0 bytes. The caller owns it and calls free_pinned().
// Throws Error(kOutOfMemory), and Error(kInvalidArgument) for a size below 0.
LINESHAFT_EXPORT void* allocate_pinned(int64_t bytes);
// Frees a block that allocate_pinned gave. Does nothing for null, and for an address that is not the start of a block,
// such as that of a block which is freed already.
LINESHAFT_EXPORT void free_pinned(void* block) noexcept;
// Whether an address lies in a block.
LINESHAFT_EXPORT bool is_pinned(const void* address) noexcept;

struct PinnedStatistics {
  int64_t bytes = 0;  // bytes of all blocks that are not freed
  int64_t peak = 0;   // the most of these since the last reset
  int64_t total = 0;  // bytes of all blocks since the start
};
LINESHAFT_EXPORT PinnedStatistics pinned_statistics() noexcept;
LINESHAFT_EXPORT void reset_pinned_peak() noexcept;

}  // namespace lineshaft::frontend
