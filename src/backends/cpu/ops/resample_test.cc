#include "lineshaft/ops/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "backends/cpu/test_context.h"
#include "lineshaft/ops/resample_grad.h"

namespace lineshaft::cpu {
namespace {

using Values = std::vector<double>;

Values noise(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  Values values(count);
  for (double& x : values) x = random() / 2147483648.0 - 1;
  return values;
}
double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
void expect_near(const Values& got, const Values& expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], tolerance) << "element " << i;
}

Values resampled_row(const Values& row, int64_t size, const ResampleGeometry& geometry, DType dtype = DType::kF32) {
  TestContext context;
  TensorView input = context.tensor(dtype, {1, 1, static_cast<int64_t>(row.size())}, row);
  TensorView output = context.empty(dtype, {1, 1, size});
  run(context, Resample{input, {}, output, geometry});
  return context.values<double>(output);
}

TEST(Resample, NearestReadsTheFloorOfThePosition) {
  ResampleGeometry nearest{.kind = ResampleKind::kNearest, .scale = {3.0 / 5}};
  ResampleGeometry exact{.kind = ResampleKind::kNearestExact, .scale = {3.0 / 5}};
  for (int dtype = 0; dtype < kDTypeCount; ++dtype) {
    if (static_cast<DType>(dtype) == DType::kBool) continue;
    EXPECT_EQ(resampled_row({1, 2, 3}, 5, nearest, static_cast<DType>(dtype)), (Values{1, 1, 2, 2, 3}));
    EXPECT_EQ(resampled_row({1, 2, 3}, 5, exact, static_cast<DType>(dtype)), (Values{1, 1, 2, 3, 3}));
  }
}

TEST(Resample, LinearWeightsTheTwoNeighbours) {
  for (DType dtype : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16}) {
    ResampleGeometry half{.kind = ResampleKind::kLinear, .scale = {0.5}};
    EXPECT_EQ(resampled_row({0, 4, 8}, 6, half, dtype), (Values{0, 1, 3, 5, 7, 8}));
    ResampleGeometry corners{.kind = ResampleKind::kLinear, .align_corners = true, .scale = {0.5}};
    EXPECT_EQ(resampled_row({0, 4, 8}, 5, corners, dtype), (Values{0, 2, 4, 6, 8}));
    ResampleGeometry down{.kind = ResampleKind::kLinear, .scale = {2}};
    EXPECT_EQ(resampled_row({0, 4, 8, 12}, 2, down, dtype), (Values{2, 10}));
  }
}

TEST(Resample, CubicWeightsFourNeighboursClampedToTheEdge) {
  // At 0.25 and 0.75 the weights are -0.10546875, 0.87890625, 0.26171875, -0.03515625 and their mirror image.
  ResampleGeometry half{.kind = ResampleKind::kCubic, .scale = {0.5}};
  Values got = resampled_row({1, 2, 4, 8}, 8, half, DType::kF64);
  EXPECT_DOUBLE_EQ(got[3], -0.10546875 * 1 + 0.87890625 * 2 + 0.26171875 * 4 - 0.03515625 * 8);
  EXPECT_DOUBLE_EQ(got[4], -0.03515625 * 1 + 0.26171875 * 2 + 0.87890625 * 4 - 0.10546875 * 8);
  EXPECT_DOUBLE_EQ(got[0], (-0.03515625 + 0.26171875 + 0.87890625) * 1 - 0.10546875 * 2);
}

TEST(Resample, AntialiasAveragesOverTheWidenedKernel) {
  TestContext context;
  TensorView input = context.tensor(DType::kF64, {1, 1, 1, 4}, Values{1, 2, 3, 4});
  TensorView output = context.empty(DType::kF64, {1, 1, 1, 2});
  ResampleGeometry geometry{.kind = ResampleKind::kLinear, .antialias = true, .scale = {1, 2}};
  run(context, Resample{input, {}, output, geometry});
  // Weights 3/4, 3/4, 1/4 on the elements at distances 0.5, 0.5, 1.5 of a kernel that reaches 2.
  expect_near(context.values<double>(output), {(3 * 1 + 3 * 2 + 3.0) / 7, (2 + 3 * 3 + 3 * 4.0) / 7}, 1e-15);
}

struct Grid {
  std::vector<int64_t> from, to;
};
TensorView shaped(TestContext& context, DType dtype, const std::vector<int64_t>& sizes, const Values& values) {
  TensorView flat = context.tensor(dtype, {static_cast<int64_t>(values.size())}, values);
  return contiguous_view(flat.buffer, dtype, sizes);
}
int64_t product(const std::vector<int64_t>& sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) count *= size;
  return count;
}
// The permuted view whose channels lie innermost.
TensorView channels_last(TensorView view) {
  int64_t stride = view.strides[1] = 1;
  stride = view.sizes[1];
  for (int axis = view.rank - 1; axis >= 2; --axis) {
    view.strides[axis] = stride;
    stride *= view.sizes[axis];
  }
  view.strides[0] = stride;
  return view;
}

const Grid kGrids[] = {{{2, 3, 7}, {2, 3, 12}},
                       {{1, 2, 9}, {1, 2, 4}},
                       {{2, 3, 5, 7}, {2, 3, 8, 4}},
                       {{1, 1, 60, 70}, {1, 1, 130, 90}},
                       {{1, 2, 3, 4, 5}, {1, 2, 5, 3, 9}},
                       {{1, 2, 1, 1}, {1, 2, 3, 4}}};

// <resample(x), g> = <x, gradient(g)> for every linear map.
TEST(ResampleGrad, IsTheAdjointOfResample) {
  for (const Grid& grid : kGrids)
    for (ResampleKind kind :
         {ResampleKind::kNearest, ResampleKind::kNearestExact, ResampleKind::kLinear, ResampleKind::kCubic})
      for (bool align : {false, true})
        for (bool antialias : {false, true}) {
          bool nearest = kind == ResampleKind::kNearest || kind == ResampleKind::kNearestExact;
          if (antialias && (nearest || grid.from.size() != 4)) continue;
          ResampleGeometry geometry{.kind = kind, .align_corners = align, .antialias = antialias};
          for (size_t i = 2; i < grid.from.size(); ++i)
            geometry.scale[i - 2] = static_cast<double>(grid.from[i]) / grid.to[i];
          TestContext context;
          Values x = noise(product(grid.from), 1), g = noise(product(grid.to), 2);
          TensorView input = shaped(context, DType::kF64, grid.from, x),
                     given = shaped(context, DType::kF64, grid.to, g);
          TensorView output = shaped(context, DType::kF64, grid.to, g);
          TensorView gradient = shaped(context, DType::kF64, grid.from, x);
          run(context, Resample{input, {}, output, geometry});
          run(context, ResampleGrad{given, {}, {}, gradient, {}, geometry});
          double forward = dot(context.values<double>(output), g);
          EXPECT_NEAR(forward, dot(x, context.values<double>(gradient)), 1e-9 * (1 + std::abs(forward)));
        }
}

TEST(Resample, GivesTheSameBitsInEveryLayout) {
  for (const Grid& grid : kGrids) {
    ResampleGeometry geometry{.kind = ResampleKind::kLinear, .scale = {0.7, 0.4, 1.6}};
    TestContext context;
    TensorView input = shaped(context, DType::kF32, grid.from, noise(product(grid.from), 4));
    TensorView output = shaped(context, DType::kF32, grid.to, noise(product(grid.to), 4));
    run(context, Resample{input, {}, output, geometry});
    Values expected = context.values<double>(output), given = context.values<double>(input);
    TensorView permuted = channels_last(shaped(context, DType::kF32, grid.from, given));
    for (int64_t i = 0; i < input.numel(); ++i) {
      int64_t offset = 0, rest = i;
      for (int axis = permuted.rank - 1; axis >= 0; rest /= permuted.sizes[axis--])
        offset += rest % permuted.sizes[axis] * permuted.strides[axis];
      context.data<float>(permuted)[offset] = static_cast<float>(given[i]);
    }
    TensorView result = channels_last(shaped(context, DType::kF32, grid.to, expected));
    run(context, Resample{permuted, {}, result, geometry});
    EXPECT_EQ(context.values<double>(result), expected);
  }
}

Values at_points(const Values& image, std::vector<int64_t> sizes, const Values& points,
                 const ResampleGeometry& geometry) {
  TestContext context;
  int axes = static_cast<int>(sizes.size()) - 2;
  std::vector<int64_t> out(sizes), grid(axes, 1);
  int64_t count = static_cast<int64_t>(points.size()) / axes;
  std::fill(out.begin() + 2, out.end(), 1);
  out.back() = count;
  grid.back() = count;
  grid.insert(grid.begin(), 1);
  grid.push_back(axes);
  TensorView output = shaped(context, DType::kF64, out, Values(count * sizes[1]));
  run(context, Resample{shaped(context, DType::kF64, sizes, image), shaped(context, DType::kF64, grid, points), output,
                        geometry});
  return context.values<double>(output);
}

TEST(Resample, PointsReadWhatTheCoordinatesName) {
  const Values image = {1, 2, 3, 4, 5, 6};  // 2 rows of 3
  ResampleGeometry linear{.kind = ResampleKind::kLinear, .align_corners = true};
  expect_near(at_points(image, {1, 1, 2, 3}, {-1, -1, 1, 1, 0, 0, 0.5, -1, -2, -1}, linear), {1, 6, 3.5, 2.5, 0},
              1e-14);
  ResampleGeometry edges{.kind = ResampleKind::kLinear};  // the corners are the outer edges of the corner elements
  expect_near(at_points(image, {1, 1, 2, 3}, {-1, -1, 0, 0}, edges), {0.25, 3.5}, 1e-14);
  edges.padding = ResamplePadding::kBorder;
  expect_near(at_points(image, {1, 1, 2, 3}, {-1, -1, 5, 5}, edges), {1, 6}, 1e-14);
  edges.padding = ResamplePadding::kReflection;
  expect_near(at_points(image, {1, 1, 2, 3}, {-1, -0.5, 1 + 2.0 / 3, -0.5}, edges), {1, 2.5}, 1e-14);
  ResampleGeometry nearest{.kind = ResampleKind::kNearest, .align_corners = true};
  EXPECT_EQ(at_points(image, {1, 1, 2, 3}, {0.4, 0.9, -0.6, -0.9, 1.6, 0}, nearest), (Values{5, 1, 0}));
}

TEST(Resample, PointsNeverReadOutsideForStrangeCoordinates) {
  for (double strange : {std::nan(""), double{INFINITY}, -double{INFINITY}, 1e30, -1e300, 1e308})
    for (ResampleKind kind : {ResampleKind::kNearest, ResampleKind::kLinear, ResampleKind::kCubic})
      for (ResamplePadding padding :
           {ResamplePadding::kZeros, ResamplePadding::kBorder, ResamplePadding::kReflection}) {
        ResampleGeometry geometry{.kind = kind, .padding = padding};
        Values got = at_points({1, 2, 3, 4}, {1, 1, 2, 2}, {strange, 0, 0, strange}, geometry);
        bool finite = std::isfinite(((strange + 1) * 2 - 1) / 2), cubic = kind == ResampleKind::kCubic;
        bool lost = !finite && (cubic || (kind == ResampleKind::kLinear && padding == ResamplePadding::kZeros));
        for (double value : got)
          if (lost)
            EXPECT_TRUE(std::isnan(value)) << value;
          else if (padding == ResamplePadding::kZeros)
            EXPECT_EQ(value, 0);
          else
            EXPECT_TRUE(cubic ? std::abs(value) < 10 : value >= 1 && value <= 4) << value;
      }
}

// Against differences of resample itself, at points away from kinks.
TEST(ResampleGrad, PointsHaveTheSlopeOfResample) {
  for (int axes : {2, 3})
    for (ResampleKind kind : {ResampleKind::kLinear, ResampleKind::kCubic})
      for (ResamplePadding padding : {ResamplePadding::kZeros, ResamplePadding::kBorder, ResamplePadding::kReflection})
        for (bool align : {false, true}) {
          ResampleGeometry geometry{.kind = kind, .align_corners = align, .padding = padding};
          std::vector<int64_t> sizes = {1, 2, 4, 5}, grid_sizes = {1, 1, 6, 2}, out = {1, 2, 1, 6};
          if (axes == 3) sizes = {1, 2, 3, 4, 5}, grid_sizes = {1, 1, 1, 6, 3}, out = {1, 2, 1, 1, 6};
          Values image = noise(product(sizes), 1), points = noise(6 * axes, 2), given = noise(12, 3);
          for (double& x : points) x *= 1.3;
          TestContext context;
          TensorView input = shaped(context, DType::kF64, sizes, image);
          TensorView grid = shaped(context, DType::kF64, grid_sizes, points);
          TensorView grad_input = shaped(context, DType::kF64, sizes, image);
          TensorView grad_grid = shaped(context, DType::kF64, grid_sizes, points);
          run(context,
              ResampleGrad{shaped(context, DType::kF64, out, given), input, grid, grad_input, grad_grid, geometry});
          Values slope = context.values<double>(grad_grid);
          const double step = 1e-7;
          for (size_t i = 0; i < points.size(); ++i) {
            Values up = points, down = points;
            up[i] += step, down[i] -= step;
            double difference =
                dot(at_points(image, sizes, up, geometry), given) - dot(at_points(image, sizes, down, geometry), given);
            EXPECT_NEAR(slope[i], difference / (2 * step), 1e-5) << "coordinate " << i;
          }
          double forward = dot(at_points(image, sizes, points, geometry), given);
          EXPECT_NEAR(dot(context.values<double>(grad_input), image), forward, 1e-12 * (1 + std::abs(forward)));
        }
}

}  // namespace
}  // namespace lineshaft::cpu
