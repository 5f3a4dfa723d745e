#include "conformance/axes.h"

namespace lineshaft::conformance {
namespace {

Spatial spatial_of(const Shape& sizes, int32_t rest) {
  Spatial result{rest, rest, rest};
  for (size_t i = 0; i < sizes.size(); ++i) result[i] = static_cast<int32_t>(sizes[i]);
  return result;
}

Shape with_spatial(Shape front, const Shape& spatial) {
  front.insert(front.end(), spatial.begin(), spatial.end());
  return front;
}

// Windows of `kernel` over `input`, at stride 1; `dilation` for maxima.
void add_pool(AxesTable& table, const Shape& front, const Shape& spatial, const Shape& kernel, int32_t dilation = 1) {
  Shape input = with_spatial(front, spatial), counts = spatial;
  for (size_t i = 0; i < spatial.size(); ++i) counts[i] = spatial[i] - dilation * (kernel[i] - 1);
  Shape output = with_spatial(front, counts);
  std::string where = concat(shape_text(input), " by ", shape_text(kernel), " dilation ", dilation);
  PoolGeometry g;
  g.kernel = spatial_of(kernel, 1);
  g.dilation = spatial_of(Shape(spatial.size(), dilation), 1);
  table.add<Pool>(concat("maximum ", where), [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input, -30000, 30000), y = t.output(DType::kF32, output),
               at = t.output(DType::kI64, output);
    t.run(Pool{x, y, at, g}, {y, at});
    t.run(Pool{x, y, {}, g}, {y});
  });
  if (dilation > 1) return;
  PoolGeometry average = g;
  average.kind = PoolKind::kAverage;
  table.add<Pool>(concat("average ", where), [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input), y = t.output(DType::kF32, output);
    t.run(Pool{x, y, {}, average}, {y}, 1e-6);
  });
  table.add<PoolGrad>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input), dy = t.input(DType::kF32, output), y = t.output(DType::kF32, output),
               at = t.output(DType::kI64, output), dx = t.output(DType::kF32, input);
    t.run(PoolGrad{dy, {}, dx, average}, {dx}, 1e-5);
    t.run(Pool{x, y, at, g}, {at});
    t.run(PoolGrad{dy, at, dx, g}, {dx}, 1e-6);
  });
}

// From `spatial` to `counts`: where these are more, an element lies in many windows.
void add_adaptive_pool(AxesTable& table, const Shape& front, const Shape& spatial, const Shape& counts) {
  Shape input = with_spatial(front, spatial), output = with_spatial(front, counts);
  std::string where = concat("adaptive ", shape_text(input), " to ", shape_text(counts));
  PoolGeometry average, maximum;
  average.kind = PoolKind::kAdaptiveAverage;
  maximum.kind = PoolKind::kAdaptiveMax;
  table.add<Pool>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input), y = t.output(DType::kF32, output), at = t.output(DType::kI64, output);
    t.run(Pool{x, y, {}, average}, {y}, 1e-6);
    t.run(Pool{x, y, at, maximum}, {y, at});
    t.run(Pool{x, y, {}, maximum}, {y});
  });
  table.add<PoolGrad>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input), dy = t.input(DType::kF32, output), y = t.output(DType::kF32, output),
               at = t.output(DType::kI64, output), dx = t.output(DType::kF32, input);
    t.run(PoolGrad{dy, {}, dx, average}, {dx}, 1e-5);
    t.run(Pool{x, y, at, maximum}, {at});
    t.run(PoolGrad{dy, at, dx, maximum}, {dx}, 1e-6);
  });
}

void add_unfold(AxesTable& table, const Shape& front, const Shape& image, const Shape& kernel) {
  Shape full = with_spatial(front, image),
        columns{front[0], front[1] * kernel[0] * kernel[1], (image[0] - kernel[0] + 1) * (image[1] - kernel[1] + 1)};
  std::string where = concat(shape_text(full), " by ", shape_text(kernel));
  Spatial k = spatial_of(kernel, 1);
  table.add<Unfold>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, full), y = t.output(DType::kF32, columns);
    t.run(Unfold{x, y, k, {}}, {y});
  });
  table.add<Fold>(where, [=](Trial& t) {
    for (DType type : {DType::kF32, DType::kI64}) {
      TensorView x = t.input(type, columns), y = t.output(type, full);
      t.run(Fold{x, y, k, {}}, {y});
    }
  });
}

}  // namespace

void add_windows(AxesTable& table, int64_t length) {
  add_pool(table, {1, 2}, {length + 2}, {length});
  add_pool(table, {1, 2}, {2 * length}, {length}, 2);
  add_pool(table, {length, 1}, {4}, {2});
  add_pool(table, {1, 1}, {2, length + 1}, {2, length});
  add_adaptive_pool(table, {2, 1}, {length}, {1});
  add_adaptive_pool(table, {1, 2}, {length}, {3});
  add_adaptive_pool(table, {1, 2}, {1}, {length});
  add_unfold(table, {1, 2}, {1, length + 1}, {1, length});
  add_unfold(table, {1, 2}, {length + 1, 1}, {length, 1});
  add_unfold(table, {1, length}, {2, 2}, {2, 1});
  add_unfold(table, {1, 1}, {1, length}, {1, 2});
}

void add_window_areas(AxesTable& table) {
  add_pool(table, {1, 1}, {301, 302}, {300, 300});
  add_pool(table, {1, 1}, {41, 42, 43}, {41, 41, 41});
  add_adaptive_pool(table, {1, 2}, {300, 301}, {1, 1});
  add_adaptive_pool(table, {1, 1}, {1, 2}, {300, 301});
  add_unfold(table, {1, 1}, {301, 301}, {300, 300});
}

}  // namespace lineshaft::conformance
