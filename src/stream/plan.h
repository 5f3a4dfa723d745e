// Places for values whose lifetimes are known: those that never live together share memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lineshaft {

struct Lifetime {
  int64_t size = 0;            // bytes
  size_t first = 0, last = 0;  // steps at which it lives, both included
};

struct Place {
  size_t chunk = 0;
  int64_t offset = 0;  // bytes; a multiple of kPlaceAlignment
};

struct MemoryPlan {
  std::vector<Place> places;    // of each value, in the order given
  std::vector<int64_t> chunks;  // bytes of each
};

inline constexpr int64_t kPlaceAlignment = 256;

// Largest values first, each at the lowest offset that is free over its whole life (Pisarchyk and Lee, "Efficient
// memory management for deep neural net inference", 2020). A chunk takes `chunk` bytes, or one value that is larger.
MemoryPlan plan_memory(const std::vector<Lifetime>& values, int64_t chunk = int64_t{256} << 20);

}  // namespace lineshaft
