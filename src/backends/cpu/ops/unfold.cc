#include "lineshaft/ops/unfold.h"

#include "backends/cpu/context.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"
#include "backends/cpu/windows.h"

namespace lineshaft::cpu {
namespace {

// One row of columns: tap (i, j) of every window of one plane.
template <class T>
void unfold_row(const WindowAxis& y_axis, const WindowAxis& x_axis, int64_t i, int64_t j, const T* plane,
                int64_t y_step, int64_t x_step, T* to, int64_t step) {
  const int64_t y_first = y_axis.first(i), y_last = y_axis.last(i);
  int64_t x_first = x_axis.first(j), x_last = x_axis.last(j), from_step = x_step * x_axis.stride;
  for (int64_t y = 0; y < y_axis.windows; ++y, to += x_axis.windows * step) {
    bool inside = y >= y_first && y < y_last;
    int64_t first = inside ? x_first : x_axis.windows, last = inside ? x_last : x_axis.windows;
    const T* from = plane + (inside ? y_axis.position(y, i) * y_step : 0);
    for (int64_t x = 0; x < first; ++x) to[x * step] = T{};
    if (first < last) {
      from += x_axis.position(first, j) * x_step;
      if (step == 1 && from_step == 1)
        std::copy_n(from, last - first, to + first);
      else
        for (int64_t x = first; x < last; ++x) to[x * step] = from[(x - first) * from_step];
    }
    for (int64_t x = last; x < x_axis.windows; ++x) to[x * step] = T{};
  }
}

}  // namespace

void run(Context& context, const Unfold& op) {
  if (op.output.numel() == 0) return;
  const WindowAxis y_axis(op.input.sizes[2], op.kernel[0], op.geometry, 0);
  const WindowAxis x_axis(op.input.sizes[3], op.kernel[1], op.geometry, 1);
  const int64_t rows = op.output.sizes[1], taps = y_axis.kernel * x_axis.kernel, length = op.output.sizes[2];
  const auto &in = op.input.strides, &out = op.output.strides;
  visit_width(op.input.dtype, [&]<class T>(std::type_identity<T>) {
    const T* input = context.data<T>(op.input);
    T* output = context.data<T>(op.output);
    parallel_for(op.output.sizes[0] * rows, std::max<int64_t>(1, 16384 / length), [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; ++item) {
        int64_t n = item / rows, row = item % rows, tap = row % taps;
        unfold_row(y_axis, x_axis, tap / x_axis.kernel, tap % x_axis.kernel, input + n * in[0] + row / taps * in[1],
                   in[2], in[3], output + n * out[0] + row * out[1], out[2]);
      }
    });
  });
}

}  // namespace lineshaft::cpu
