#include "conformance/axes.h"

namespace lineshaft::conformance {
namespace {

void add_regular(AxesTable& table, ResampleKind kind, bool antialias, const Shape& from, const Shape& to,
                 const Shape& front = {1, 2}) {
  Shape input = front, output = front;
  input.insert(input.end(), from.begin(), from.end());
  output.insert(output.end(), to.begin(), to.end());
  ResampleGeometry g{.kind = kind, .antialias = antialias};
  for (size_t i = 0; i < from.size(); ++i) g.scale[i] = static_cast<double>(from[i]) / static_cast<double>(to[i]);
  std::string where = concat(name_of(kind), antialias ? " antialias " : " ", shape_text(input), " to ", shape_text(to));
  double tolerance = kind < ResampleKind::kLinear ? 0 : 1e-4;
  table.add<Resample>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input, 0, 9), y = t.output(DType::kF32, output);
    t.run(Resample{x, {}, y, g}, {y}, tolerance);
  });
  table.add<ResampleGrad>(where, [=](Trial& t) {
    TensorView dy = t.input(DType::kF32, output, 0, 9), dx = t.output(DType::kF32, input);
    t.run(ResampleGrad{dy, {}, {}, dx, {}, g}, {dx}, 1e-4);
  });
}

// `points` points in an image of 3 x 4; `one`: all read the same elements.
void add_points(AxesTable& table, ResampleKind kind, int64_t images, int64_t channels, int64_t points, bool one) {
  Shape image{images, channels, 3, 4}, grid{images, points, 1, 2}, output{images, channels, points, 1};
  ResampleGeometry g{.kind = kind};
  std::string where = concat(name_of(kind), " ", shape_text(image), " at ", points, one ? " equal points" : " points");
  auto coordinates = [=](Trial& t) {
    return t.made(DType::kF32, grid,
                  [&] { return one ? Number{0.25} : static_cast<Number>(t.random()() % 64) / 32 - 1; });
  };
  table.add<Resample>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, image), at = coordinates(t), y = t.output(DType::kF32, output);
    t.run(Resample{x, at, y, g}, {y}, 1e-5);
  });
  table.add<ResampleGrad>(where, [=](Trial& t) {
    TensorView dy = t.input(DType::kF32, output), x = t.input(DType::kF32, image), at = coordinates(t),
               dx = t.output(DType::kF32, image), dgrid = t.output(DType::kF32, grid);
    t.run(ResampleGrad{dy, x, at, dx, dgrid, g}, {dx, dgrid}, 1e-4);
  });
}

}  // namespace

void add_resampling(AxesTable& table, int64_t length) {
  for (auto kind : {ResampleKind::kNearest, ResampleKind::kLinear}) {
    add_regular(table, kind, false, {length}, {3});
    add_regular(table, kind, false, {3}, {length});
    add_regular(table, kind, false, {1}, {length});
  }
  add_regular(table, ResampleKind::kCubic, false, {2, 5}, {2, length});
  add_regular(table, ResampleKind::kLinear, false, {4}, {6}, {length, 1});
  add_regular(table, ResampleKind::kLinear, true, {length, 2}, {3, 2});
  add_regular(table, ResampleKind::kCubic, true, {2, length}, {1, 2});
  add_regular(table, ResampleKind::kLinear, true, {2, 3}, {length, 2});
  add_points(table, ResampleKind::kLinear, 1, 2, length, true);
  add_points(table, ResampleKind::kCubic, 1, 1, length, false);
  add_points(table, ResampleKind::kNearest, 2, 1, length, true);
  add_points(table, ResampleKind::kLinear, 1, length, 2, false);
  add_points(table, ResampleKind::kCubic, 1, length, 1, false);
  add_points(table, ResampleKind::kLinear, length, 1, 1, false);
}

void add_resampling_areas(AxesTable& table) {
  add_regular(table, ResampleKind::kLinear, true, {300, 301}, {1, 2});
  add_regular(table, ResampleKind::kCubic, true, {300, 280}, {2, 1});
  add_regular(table, ResampleKind::kLinear, false, {1, 2}, {300, 301});
  add_regular(table, ResampleKind::kLinear, false, {1, 1, 1}, {41, 42, 43});
}

}  // namespace lineshaft::conformance
