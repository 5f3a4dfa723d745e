#include "lineshaft/ops/resample.h"

#include "backends/cpu/points.h"
#include "backends/cpu/separable.h"

namespace lineshaft::cpu {
namespace {

bool is_nearest(ResampleKind kind) {
  return kind == ResampleKind::kNearest || kind == ResampleKind::kNearestExact;
}

// Only moves elements, of any dtype.
template <class T>
void run_nearest(const Resample& op, const std::array<std::vector<int64_t>, 3>& index, const T* input, T* output) {
  const Volume from(op.input), to(op.output);
  const int64_t rows = to.sizes[2] * to.sizes[3], width = to.sizes[4];
  const auto &in = from.strides, &out = to.strides;
  parallel_for(to.sizes[0] * to.sizes[1] * rows, std::max<int64_t>(1, 16384 / width), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      int64_t plane = item / rows, n = plane / to.sizes[1], c = plane % to.sizes[1];
      int64_t z = item % rows / to.sizes[3], y = item % to.sizes[3];
      const T* row = input + n * in[0] + c * in[1] + index[0][z] * in[2] + index[1][y] * in[3];
      T* target = output + n * out[0] + c * out[1] + z * out[2] + y * out[3];
      if (in[4] == 1 && out[4] == 1)
        for (int64_t x = 0; x < width; ++x) target[x] = row[index[2][x]];
      else
        for (int64_t x = 0; x < width; ++x) target[x * out[4]] = row[index[2][x] * in[4]];
    }
  });
}

std::array<std::vector<int64_t>, 3> nearest_indices(const Resample& op) {
  const Volume from(op.input), to(op.output);
  const int absent = 5 - op.input.rank;
  std::array<std::vector<int64_t>, 3> index;
  for (int i = 0; i < 3; ++i)
    for (int64_t x = 0; x < to.sizes[i + 2]; ++x) {
      double scale = i < absent ? 1 : op.geometry.scale[i - absent];
      index[i].push_back(op.input.dtype == DType::kF64
                             ? nearest_index<double>(op.geometry.kind, scale, from.sizes[i + 2], x)
                             : nearest_index<float>(op.geometry.kind, scale, from.sizes[i + 2], x));
    }
  return index;
}

}  // namespace

void run(Context& context, const Resample& op) {
  if (op.output.numel() == 0) return;
  if (op.grid) {
    visit_float(op.input.dtype, [&]<class T>(std::type_identity<T>) {
      Points<T>(op.input, op.grid, op.output, op.geometry)
          .sample(context.data<T>(op.input), context.data<T>(op.grid), context.data<T>(op.output));
    });
  } else if (is_nearest(op.geometry.kind)) {
    auto index = nearest_indices(op);
    visit_width(op.input.dtype, [&]<class T>(std::type_identity<T>) {
      run_nearest(op, index, context.data<T>(op.input), context.data<T>(op.output));
    });
  } else {
    const Volume from(op.input), to(op.output);
    visit_float(op.input.dtype, [&]<class T>(std::type_identity<T>) {
      Separable<T>(make_taps<Compute<T>>(op.geometry, from, to, op.input.rank - 2, false), context.data<T>(op.input),
                   from, context.data<T>(op.output), to)
          .run(context);
    });
  }
}

}  // namespace lineshaft::cpu
