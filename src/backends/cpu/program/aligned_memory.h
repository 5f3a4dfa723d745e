// Uninitialized memory aligned for vectors.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace lineshaft::cpu {

class AlignedMemory {
 public:
  AlignedMemory() = default;
  explicit AlignedMemory(size_t bytes)
      : memory_(static_cast<std::byte*>(::operator new ((bytes + 127) & ~size_t{63}, kAlignment))) {}
  std::byte* get() const { return memory_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete(memory, kAlignment); }
  };
  std::unique_ptr<std::byte, Free> memory_;
};

}  // namespace lineshaft::cpu
