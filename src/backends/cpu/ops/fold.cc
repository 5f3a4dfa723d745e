#include "lineshaft/ops/fold.h"

#include <omp.h>

#include "backends/cpu/context.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"
#include "backends/cpu/windows.h"

namespace lineshaft::cpu {
namespace {

template <class C>
C add(C a, C b) {
  if constexpr (std::is_same_v<C, bool>)
    return a || b;
  else if constexpr (std::is_integral_v<C>)
    return static_cast<C>(static_cast<std::make_unsigned_t<C>>(a) + static_cast<std::make_unsigned_t<C>>(b));
  else
    return a + b;
}

// Adds one row of columns, tap (i, j) of every window, to the row-major plane.
template <class T>
void fold_row(const WindowAxis& y_axis, const WindowAxis& x_axis, int64_t i, int64_t j, const T* from, int64_t step,
              Compute<T>* plane) {
  int64_t first = x_axis.first(j), last = x_axis.last(j);
  if (first == last) return;
  for (int64_t y = y_axis.first(i), y_last = y_axis.last(i); y < y_last; ++y) {
    const T* row = from + (y * x_axis.windows + first) * step;
    Compute<T>* to = plane + y_axis.position(y, i) * x_axis.size + x_axis.position(first, j);
    if (step == 1 && x_axis.stride == 1)
      for (int64_t x = 0; x < last - first; ++x) to[x] = add(to[x], widen(row[x]));
    else
      for (int64_t x = 0; x < last - first; ++x)
        to[x * x_axis.stride] = add(to[x * x_axis.stride], widen(row[x * step]));
  }
}

}  // namespace

void run(Context& context, const Fold& op) {
  if (op.output.numel() == 0) return;
  const WindowAxis y_axis(op.output.sizes[2], op.kernel[0], op.geometry, 0);
  const WindowAxis x_axis(op.output.sizes[3], op.kernel[1], op.geometry, 1);
  const int64_t channels = op.output.sizes[1], taps = y_axis.kernel * x_axis.kernel, area = y_axis.size * x_axis.size;
  const auto &in = op.input.strides, &out = op.output.strides;
  visit_storage(op.input.dtype, [&]<class T>(std::type_identity<T>) {
    const T* input = context.data<T>(op.input);
    T* output = context.data<T>(op.output);
    int64_t planes = op.output.sizes[0] * channels;
    auto* sums = context.scratch<Compute<T>>(area * std::min<int64_t>(planes, thread_count()));
    parallel_for_slots(planes, std::max<int64_t>(1, 16384 / (op.input.sizes[2] * taps)),
                       [&](int slot, int64_t begin, int64_t end) {
                         Compute<T>* plane = sums + area * slot;
                         for (int64_t item = begin; item < end; ++item) {
                           int64_t n = item / channels, c = item % channels;
                           std::fill(plane, plane + area, Compute<T>{});
                           for (int64_t tap = 0; tap < taps; ++tap)
                             fold_row(y_axis, x_axis, tap / x_axis.kernel, tap % x_axis.kernel,
                                      input + n * in[0] + (c * taps + tap) * in[1], in[2], plane);
                           T* to = output + n * out[0] + c * out[1];
                           for (int64_t y = 0; y < y_axis.size; ++y)
                             for (int64_t x = 0; x < x_axis.size; ++x)
                               to[y * out[2] + x * out[3]] = narrow<T>(plane[y * x_axis.size + x]);
                         }
                       });
  });
}

}  // namespace lineshaft::cpu
