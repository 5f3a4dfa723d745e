// A bump allocator for the commands of one window: addresses do not change, and everything is freed at once. One thread
// at a time uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "lineshaft/base/export.h"

namespace lineshaft {

// The most bytes of an upload that are copied into an arena; larger data gets memory of its own, so that arenas stay
// small.
inline constexpr int64_t kInlineUpload = 64 * 1024;

class LINESHAFT_EXPORT Arena {
 public:
  // Uninitialized storage, aligned to 16 bytes. It is valid until clear().
  void* allocate(size_t bytes) {
    bytes = (bytes + 15) & ~size_t{15};
    if (bytes > left_) [[unlikely]]
      grow(bytes);
    void* result = next_;
    next_ += bytes;
    left_ -= bytes;
    return result;
  }

  template <class T>
  T* copy(const T* source, size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (count == 0) return nullptr;
    void* memory = allocate(count * sizeof(T));
    std::memcpy(memory, static_cast<const void*>(source), count * sizeof(T));
    return static_cast<T*>(memory);
  }

  // Frees everything that was allocated. Keeps the first chunk for reuse, unless it is larger than usual.
  void clear();
  size_t bytes() const { return used_chunks_bytes_; }

 private:
  void grow(size_t bytes);

  struct Chunk {
    std::unique_ptr<std::byte[]> memory;
    size_t size;
  };
  std::vector<Chunk> chunks_;
  std::byte* next_ = nullptr;
  size_t left_ = 0;
  size_t used_chunks_bytes_ = 0;
};

}  // namespace lineshaft
