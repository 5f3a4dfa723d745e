#include "lineshaft/ops/map_each.h"

#include <algorithm>

#include "backends/cpu/parallel.h"
#include "backends/cpu/program/map_run.h"

namespace lineshaft::cpu {

// All groups' tiles in one row, shared out among the threads in one parallel region.
void run(Context& context, const MapEach& op) {
  std::vector<MapRun> groups;
  std::vector<int64_t> ends;  // running count of tiles
  std::vector<TensorView> scratch;
  int64_t tiles = 0, grain = 1;
  groups.reserve(group_count(op));
  for (size_t g = 0; g < group_count(op); ++g) {
    Map map = group_of(op, g, scratch);
    if (map.outputs[0].numel() == 0) continue;
    groups.emplace_back(context, map);
    tiles += groups.back().tile_count();
    ends.push_back(tiles);
    grain = std::max(grain, groups.back().grain());
  }
  parallel_for(tiles, grain, [&](int64_t begin, int64_t end) {
    size_t g = std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin();
    for (; begin < end; ++g) {
      int64_t first = g ? ends[g - 1] : 0;
      int64_t stop = std::min(end, ends[g]);
      groups[g].run(begin - first, stop - first);
      begin = stop;
    }
  });
}

}  // namespace lineshaft::cpu
