// Blocks in one reserved range of addresses. Memory is allocated from the system for the range up to an end, which
// grows and shrinks. Neighbouring free blocks are always joined, so that little memory is held without use (Knuth,
// TAOCP 1, 2.5). One thread at a time uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace lineshaft::cpu {

class Arena {
 public:
  static constexpr int64_t kAlignment = 256;  // bytes: addresses and sizes of blocks are multiples of it

  struct Block {
    int64_t offset = -1;  // -1: none
    int64_t size = 0;
    explicit operator bool() const { return offset >= 0; }
  };

  Arena();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A block of at least `size` bytes; none where more than `limit` bytes would be reserved, or the system has no memory
  // left. A small block is placed in the smallest gap that is large enough, a large block in the first such gap, which
  // keeps the end low.
  Block allocate(int64_t size, int64_t limit);
  void release(const Block& block);
  // Returns the memory after the last block, and the pages of long gaps, to the system.
  void trim();

  std::byte* address(const Block& block) const { return base_ + block.offset; }
  int64_t reserved() const { return end_; }
  int64_t in_use() const { return in_use_; }  // bytes of blocks, rounded up

 private:
  void add_gap(int64_t offset, int64_t size);
  void drop_gap(int64_t offset, int64_t size);
  void join_gap(int64_t offset, int64_t size);  // with its neighbours
  int64_t tail() const;                         // the begin of the gap before the end; the end if there is no such gap
  int64_t find(int64_t size) const;             // a gap's offset, or -1
  bool grow(int64_t size, int64_t limit);       // moves the end until a gap of that size lies before it
  bool grow_to(int64_t end, int64_t limit);

  std::byte* base_ = nullptr;
  int64_t range_ = 0;  // bytes of addresses
  int64_t end_ = 0;    // bytes taken from the system
  int64_t in_use_ = 0;
  std::map<int64_t, int64_t> gaps_;              // offset to size
  std::set<std::pair<int64_t, int64_t>> sizes_;  // size, offset
  std::set<int64_t> large_;                      // offsets of gaps that are large enough for a large block
};

}  // namespace lineshaft::cpu
