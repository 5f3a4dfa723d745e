// Hands out intervals of a reserved address range that nothing maps.
#pragma once

#include <array>
#include <map>
#include <mutex>

#include "csrc/core/memory.h"

namespace lineshaft::frontend {

class AddressSpace {
 public:
  AddressSpace();
  // A buffer record with an interval of at least `bytes`.
  Buffer* take(int64_t bytes);
  void give_back(Buffer* buffer);
  Buffer* find(const void* address);

 private:
  class Kept;
  void give_to_all(Buffer* buffer, int number);

  static constexpr int kClasses = 64 * 4;
  static int class_of(int64_t bytes);  // four classes to each power of two
  static int64_t size_of_class(int number);

  std::mutex mutex_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::array<Buffer*, kClasses> free_{};
  std::map<const std::byte*, Buffer*> by_address_;
};

AddressSpace& address_space();

}  // namespace lineshaft::frontend
