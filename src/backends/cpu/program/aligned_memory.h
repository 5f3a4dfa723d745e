// Uninitialized memory aligned for vectors.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace lineshaft::cpu {

class AlignedMemory {
 public:
  AlignedMemory() = default;
  explicit AlignedMemory(size_t bytes)
      : memory_(static_cast<std::byte*>(std::aligned_alloc(64, (bytes + 127) & ~size_t{63}))) {
    if (!memory_) throw std::bad_alloc();
  }
  std::byte* get() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::unique_ptr<std::byte, Free> memory_;
};

}  // namespace lineshaft::cpu
