// Pinned host memory: page-aligned blocks that are known by their addresses.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// `bytes` of memory, rounded up to whole pages; null for 0 bytes. Throws Error(kOutOfMemory). Any thread.
LINESHAFT_EXPORT void* allocate_pinned(int64_t bytes);
// A block that allocate_pinned gave. Null does nothing, nor does an address that is no block's, such as one that is
// freed already.
LINESHAFT_EXPORT void free_pinned(void* block) noexcept;
// Whether an address lies in a block.
LINESHAFT_EXPORT bool is_pinned(const void* address) noexcept;

struct PinnedStatistics {
  int64_t bytes = 0;  // in blocks that are not freed
  int64_t peak = 0;   // the most that there were since the last reset
  int64_t total = 0;  // ever
};
LINESHAFT_EXPORT PinnedStatistics pinned_statistics() noexcept;
LINESHAFT_EXPORT void reset_pinned_peak() noexcept;

}  // namespace lineshaft::frontend
