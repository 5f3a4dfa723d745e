// Places blocks in large segments: best fit with immediate coalescing (Knuth, TAOCP 1, 2.5; the boundary tags are kept
// in ordered maps). It only keeps account of offsets; callbacks of its owner allocate and free the memory of segments.
// One thread at a time uses it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace lineshaft {

class SubAllocator {
 public:
  struct Block {
    int32_t segment = -1;
    int64_t offset = 0;
    int64_t size = 0;
  };
  struct Options {
    int64_t alignment = 256;          // a power of two; sizes and offsets are multiples of it
    int64_t small_segment = 2 << 20;  // segment size for small blocks
    // For blocks over small_segment / 2, the size of a new segment is a 16th of the reserved bytes, within these
    // limits. So little is reserved that is not used, and large memories still have few segments. A block that is
    // larger than that gets a segment of its own size.
    int64_t least_segment = 5 << 20, most_segment = 64 << 20;
  };

  // make(segment, size) allocates the memory of a segment, and returns false if there is none; free(segment) frees it.
  SubAllocator(Options options, std::function<bool(int32_t, int64_t)> make, std::function<void(int32_t)> free);

  // A block of at least `size` bytes. Its segment is -1 where no memory is available.
  Block allocate(int64_t size);
  void release(const Block& block);
  // Frees segments that hold no block.
  void trim();

  int64_t reserved() const { return reserved_; }  // bytes of segments
  int64_t in_use() const { return in_use_; }      // bytes of blocks, rounded up

 private:
  struct Segment {
    int64_t size = 0;                 // 0: free number
    std::map<int64_t, int64_t> free;  // offset to size
  };
  void insert_free(int32_t segment, int64_t offset, int64_t size);
  void erase_free(int32_t segment, int64_t offset, int64_t size);
  int32_t grow(int64_t size);

  Options options_;
  std::function<bool(int32_t, int64_t)> make_;
  std::function<void(int32_t)> free_;
  std::vector<Segment> segments_;
  std::set<std::tuple<int64_t, int32_t, int64_t>> by_size_;  // size, segment, offset
  int64_t reserved_ = 0;
  int64_t in_use_ = 0;
};

}  // namespace lineshaft
