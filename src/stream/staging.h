// A bounded pool of blocks through which uploads travel, used again and again so that their pages stay warm. Where the
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

  // Up to `blocks` blocks of the heap, allocated when first needed.
  explicit Staging(size_t blocks);
  // As many blocks as `memory` holds; it outlives the pool and all that was taken.
  explicit Staging(std::span<std::byte> memory);

  // A block, given back when the last copy of the pointer goes: after the list that names it has run. Null where none
  // is free. Any thread.
  std::shared_ptr<std::byte> take();

 private:
  // Outlives the pool, for blocks that come back late.
  struct Free {
    std::mutex mutex;
    std::vector<std::byte*> blocks;  // the one used last is taken first
    std::vector<std::unique_ptr<std::byte[]>> owned;
    size_t unallocated = 0;
  };
  std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace lineshaft
