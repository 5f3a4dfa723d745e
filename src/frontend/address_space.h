// Gives intervals of a reserved range of addresses that is not mapped.
#pragma once

#include <array>
#include <map>
#include <mutex>

#include "lineshaft/frontend/allocation.h"

namespace lineshaft::frontend {

class AddressSpace {
 public:
  AddressSpace();
  // An Allocation whose interval has at least `bytes` addresses. Allocations are reused and never destroyed.
  Allocation* take(int64_t bytes);
  void give_back(Allocation* allocation);
  Allocation* find(const void* address);

 private:
  static constexpr int kClasses = 64 * 4;
  // Allocations that were given back, by size class.
  struct FreeList {
    std::array<Allocation*, kClasses> first{};
    Allocation* take(int number);  // null where there is none
    void add(Allocation* allocation, int number);
  };
  class Kept;
  void give_to_all(Allocation* allocation, int number);

  static int class_of(int64_t bytes);  // four classes to each power of two
  static int64_t size_of_class(int number);

  std::mutex mutex_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  FreeList free_;
  std::map<const std::byte*, Allocation*> by_address_;
};

AddressSpace& address_space();

}  // namespace lineshaft::frontend
