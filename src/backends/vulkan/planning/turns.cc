#include "backends/vulkan/planning/turns.h"

namespace lineshaft::vulkan {

std::vector<LoopPart> loop_parts(std::array<int64_t, 3> sizes, Turns limit) {
  for (int64_t& size : sizes) size = std::max<int64_t>(size, 1);
  // An outer loop takes more than one turn in a part only where the loops within are whole.
  std::array<int64_t, 3> step{1, 1, 1};
  Turns inside = kNoLoops;
  for (int axis = 2; axis >= 0; --axis) {
    Turns around{2 * axis};  // one turn of each loop around
    step[axis] = std::min(longest_loop(limit, inside, around), sizes[axis]);
    if (step[axis] < sizes[axis]) break;
    inside = loop(step[axis], inside);
  }
  Turns turns = loop(step[0], loop(step[1], loop(step[2])));
  std::vector<LoopPart> parts;
  auto at = [&](int axis, int64_t value) { return static_cast<int32_t>(std::min(value, sizes[axis])); };
  for (int64_t i = 0; i < sizes[0]; i += step[0])
    for (int64_t j = 0; j < sizes[1]; j += step[1])
      for (int64_t k = 0; k < sizes[2]; k += step[2])
        parts.push_back({{at(0, i), at(1, j), at(2, k), 0},
                         {at(0, i + step[0]), at(1, j + step[1]), at(2, k + step[2]), 0},
                         turns});
  return parts;
}

}  // namespace lineshaft::vulkan
