#include "stream/plan.h"

#include <algorithm>
#include <numeric>

namespace lineshaft {
namespace {

struct Placed {
  int64_t begin, end;
  size_t first, last;
};

// The lowest offset at which `size` bytes are free from `first` to `last`. `placed` ascends by begin.
int64_t lowest_free(const std::vector<Placed>& placed, int64_t size, size_t first, size_t last) {
  int64_t offset = 0;
  for (const Placed& other : placed) {
    if (other.last < first || last < other.first) continue;
    if (offset + size <= other.begin) break;
    offset = std::max(offset, other.end);
  }
  return offset;
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& values, int64_t chunk) {
  MemoryPlan plan{std::vector<Place>(values.size()), {}};
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return values[a].size > values[b].size; });
  std::vector<std::vector<Placed>> placed;
  for (size_t i : order) {
    const Lifetime& value = values[i];
    int64_t size = (value.size + kPlaceAlignment - 1) / kPlaceAlignment * kPlaceAlignment;
    size_t at = 0;
    int64_t offset = 0;
    for (; at < placed.size(); ++at) {
      offset = lowest_free(placed[at], size, value.first, value.last);
      if (offset + size <= std::max(chunk, plan.chunks[at])) break;
    }
    if (at == placed.size()) {
      placed.emplace_back();
      plan.chunks.push_back(0);
      offset = 0;
    }
    Placed place{offset, offset + size, value.first, value.last};
    auto& here = placed[at];
    here.insert(std::ranges::upper_bound(here, place.begin, {}, &Placed::begin), place);
    plan.places[i] = {at, offset};
    plan.chunks[at] = std::max(plan.chunks[at], place.end);
  }
  return plan;
}

}  // namespace lineshaft
