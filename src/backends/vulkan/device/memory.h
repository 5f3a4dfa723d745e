// Memory of tensors and scratch: a few large Vulkan buffers, each over one allocation, with blocks placed in them.
// Blocks are reused in stream order; the recorder puts a barrier between the old use and the new one.
#pragma once

#include <atomic>
#include <vector>

#include "backends/vulkan/device/gpu.h"
#include "commands/validate.h"
#include "device/suballocator.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::vulkan {

// Where a buffer lies.
struct Place {
  VkBuffer buffer = VK_NULL_HANDLE;
  int32_t segment = -1;
  int64_t offset = 0;
  int64_t size = 0;
  std::byte* mapped = nullptr;  // of the place itself; null unless the host sees the memory
  VkDeviceAddress address = 0;  // of the Vulkan buffer; 0 where the device has no addresses
};

class Memory {
 public:
  explicit Memory(const Gpu& gpu);
  ~Memory();

  void create(BufferId buffer, int64_t size);
  void release(BufferId buffer);
  // The buffer gets memory at first use. Throws Error(kOutOfMemory).
  Place place(BufferId buffer);

  // Scratch is named by buffer ids of its own, until `release_scratch`, which lets go of all but the first `keep`.
  BufferId create_scratch(int64_t size);
  void release_scratch(size_t keep = 0);
  size_t scratch_count() const { return scratch_.size(); }
  // Bytes of all but the first `keep`.
  int64_t scratch_bytes(size_t keep) const;

  void trim() { blocks_.trim(); }
  void limit(int64_t bytes) { limit_ = bytes; }
  int64_t reserved() const { return blocks_.reserved(); }
  int64_t in_use() const { return blocks_.in_use(); }

 private:
  struct Entry {
    int64_t size = 0;
    SubAllocator::Block block;  // segment -1 until used
  };
  Entry& entry(BufferId buffer);
  bool make_segment(int32_t number, int64_t size);

  const Gpu& gpu_;
  std::vector<Entry> buffers_;
  std::vector<Entry> scratch_;
  std::vector<Allocation> segments_;
  SubAllocator blocks_;
  int64_t limit_ = INT64_MAX;
};

}  // namespace lineshaft::vulkan
