// The memory of tensors and scratch: a few large Vulkan buffers, each with an allocation of its own, in which blocks
// are placed. Blocks are reused in stream order; the recorder inserts a barrier between the old use and the new one.
#pragma once

#include <atomic>
#include <vector>

#include "backends/vulkan/device/gpu.h"
#include "commands/validate.h"
#include "device/suballocator.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::vulkan {

// The place of a tensor's buffer in a Vulkan buffer.
struct Place {
  VkBuffer buffer = VK_NULL_HANDLE;
  int32_t segment = -1;
  int64_t offset = 0;
  int64_t size = 0;
  std::byte* mapped = nullptr;  // address of the place on the host; null unless the memory is visible to the host
  VkDeviceAddress address = 0;  // of the Vulkan buffer; 0 where the device has no addresses
};

class Memory {
 public:
  explicit Memory(const Gpu& gpu);
  ~Memory();

  void create(BufferId buffer, int64_t size);
  void release(BufferId buffer);
  // The place of a buffer, which gets memory at the first call. Throws Error(kOutOfMemory).
  Place place(BufferId buffer);

  // Scratch buffers have names of their own. `release_scratch` releases all of them except the first `keep`.
  BufferId create_scratch(int64_t size);
  void release_scratch(size_t keep = 0);
  size_t scratch_count() const { return scratch_.size(); }
  // Bytes of all scratch buffers except the first `keep`.
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
