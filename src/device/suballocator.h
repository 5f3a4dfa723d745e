// Places blocks in large segments: best fit with immediate coalescing. Pure bookkeeping over offsets; whoever owns it
// makes and frees the segments. (Knuth, TAOCP 1, 2.5: boundary tags, kept in ordered maps here.)
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
    int64_t alignment = 256;          // a power of two; sizes and offsets are its multiples
    int64_t small_segment = 2 << 20;  // segment size for small blocks
    // For blocks over small_segment / 2: a 16th of what is reserved, within these bounds, so that little is reserved
    // beyond what is used and large memories are still few segments. Larger blocks get a segment of their own size.
    int64_t least_segment = 5 << 20, most_segment = 64 << 20;
  };

  // make(segment, size) makes segment memory and returns false if there is none; free(segment) frees it.
  SubAllocator(Options options, std::function<bool(int32_t, int64_t)> make, std::function<void(int32_t)> free);

  // A block of at least `size` bytes; segment -1 when no memory is to be had.
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
