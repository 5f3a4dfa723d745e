#include "lineshaft/frontend/pinned_blocks.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <new>

#include "base/divide.h"
#include "lineshaft/base/error.h"
#include "platform/addresses.h"

namespace lineshaft::frontend {
namespace {

constexpr std::align_val_t kPage{kPageBytes};

struct Blocks {
  std::mutex mutex;
  std::map<const std::byte*, int64_t> sizes;  // by address
  PinnedStatistics statistics;
};

Blocks& blocks() {
  static auto* made = new Blocks;
  return *made;
}

}  // namespace

void* allocate_pinned(int64_t bytes) {
  LS_REQUIRE(bytes >= 0, "pinned memory of ", bytes, " bytes is asked for; a size is 0 or more");
  if (bytes == 0) return nullptr;
  bool fits = bytes <= INT64_MAX - kPageBytes;
  int64_t size = fits ? round_up(bytes, kPageBytes) : bytes;
  void* block = fits ? ::operator new(static_cast<size_t>(size), kPage, std::nothrow) : nullptr;
  if (!block) fail(ErrorCode::kOutOfMemory, "the host has no ", bytes, " bytes for pinned memory");
  Blocks& all = blocks();
  std::lock_guard lock(all.mutex);
  all.sizes[static_cast<std::byte*>(block)] = size;
  all.statistics.bytes += size;
  all.statistics.total += size;
  all.statistics.peak = std::max(all.statistics.peak, all.statistics.bytes);
  return block;
}

void free_pinned(void* block) noexcept {
  if (!block) return;
  Blocks& all = blocks();
  {
    std::lock_guard lock(all.mutex);
    auto found = all.sizes.find(static_cast<std::byte*>(block));
    if (found == all.sizes.end()) return;
    all.statistics.bytes -= found->second;
    all.sizes.erase(found);
  }
  ::operator delete(block, kPage);
}

bool is_pinned(const void* address) noexcept {
  Blocks& all = blocks();
  std::lock_guard lock(all.mutex);
  auto* at = static_cast<const std::byte*>(address);
  auto after = all.sizes.upper_bound(at);
  if (after == all.sizes.begin()) return false;
  auto block = std::prev(after);
  return at < block->first + block->second;
}

PinnedStatistics pinned_statistics() noexcept {
  Blocks& all = blocks();
  std::lock_guard lock(all.mutex);
  return all.statistics;
}

void reset_pinned_peak() noexcept {
  Blocks& all = blocks();
  std::lock_guard lock(all.mutex);
  all.statistics.peak = all.statistics.bytes;
}

}  // namespace lineshaft::frontend
