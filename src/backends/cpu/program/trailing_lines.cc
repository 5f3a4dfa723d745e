#include "backends/cpu/program/trailing_lines.h"

namespace lineshaft::cpu {

int first_line_axis(const TensorView& view, uint8_t axes) {
  int first = view.rank;
  int64_t stride = 1;
  for (int i = view.rank - 1; i >= 0; --i) {
    if (view.sizes[i] == 1) continue;
    if (!(axes >> i & 1) || view.strides[i] != stride) break;
    stride *= view.sizes[i];
    first = i;
  }
  for (int i = 0; i < first; ++i)
    if ((axes >> i & 1) && view.sizes[i] > 1) return -1;
  return first < view.rank ? first : -1;
}

}  // namespace lineshaft::cpu
