// A bounded pool of memory blocks for uploads. Blocks are reused, so that their pages are present already. Where the
// memory is the device's own (pinned, or shared with a server), the device takes the data without another copy.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "lineshaft/base/export.h"

namespace lineshaft {

class LINESHAFT_EXPORT Staging {
 public:
  static constexpr int64_t kBlock = 1 << 20;  // bytes

  // Up to `blocks` blocks of heap memory, each allocated when it is first needed.
  explicit Staging(size_t blocks);
  // As many blocks as fit in `memory`, which must outlive the pool and all blocks that were taken.
  explicit Staging(std::span<std::byte> memory);

  // A block of kBlock bytes, which returns to the pool when the last copy of the pointer is destroyed: after the list
  // that holds it has run. Null where no block is free. Any thread may call it.
  std::shared_ptr<std::byte> take();

 private:
  // It outlives the pool, for blocks that are returned later.
  struct Free {
    std::mutex mutex;
    std::vector<std::byte*> blocks;  // the block that was returned last is taken first
    std::vector<std::unique_ptr<std::byte[]>> owned;
    size_t unallocated = 0;
  };
  std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace lineshaft
