// A memory plan for values whose lifetimes are known: values that are never live at the same time share memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lineshaft {

struct Lifetime {
  int64_t size = 0;            // bytes
  size_t first = 0, last = 0;  // the first and the last step at which the value is live
};

struct Place {
  size_t chunk = 0;
  int64_t offset = 0;  // bytes; a multiple of kPlaceAlignment
};

struct MemoryPlan {
  std::vector<Place> places;    // one for each value, in the order of the values
  std::vector<int64_t> chunks;  // bytes of each chunk
};

inline constexpr int64_t kPlaceAlignment = 256;

// Places the largest values first, each at the lowest offset that is free during its whole lifetime (Pisarchyk and Lee,
// "Efficient memory management for deep neural net inference", 2020). A chunk has at most `chunk` bytes, unless it
// holds one value that is larger.
MemoryPlan plan_memory(const std::vector<Lifetime>& values, int64_t chunk = int64_t{256} << 20);

}  // namespace lineshaft
