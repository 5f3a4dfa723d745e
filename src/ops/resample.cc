#include "lineshaft/ops/resample.h"

#include <cmath>

#include "ops/operands.h"

namespace lineshaft {
namespace {

bool is_nearest(ResampleKind kind) {
  return kind == ResampleKind::kNearest || kind == ResampleKind::kNearestExact;
}

void require_grid(const TensorView& input, const TensorView& grid, const TensorView& output,
                  const ResampleGeometry& geometry) {
  LS_REQUIRE(geometry.kind != ResampleKind::kNearestExact && !geometry.antialias,
             "points take kNearest, kLinear or kCubic, without antialias");
  require_float("input", input);
  require_dtype("grid", grid, input.dtype);
  require_rank("grid", grid, input.rank);
  int spatial = input.rank - 2;
  LS_REQUIRE(grid.sizes[0] == output.sizes[0], "grid has ", grid.sizes[0], " images, the output ", output.sizes[0]);
  Sizes expected = resample_output_sizes(input.shape(), grid.shape());
  for (int i = 0; i < spatial; ++i)
    LS_REQUIRE(expected[2 + i] == output.sizes[2 + i], "grid has size ", expected[2 + i], " on spatial axis ", i,
               ", the output ", output.sizes[2 + i]);
  LS_REQUIRE(grid.sizes[1 + spatial] == spatial, "grid gives points of ", grid.sizes[1 + spatial],
             " coordinates; they have ", spatial);
}

void require_regular(const TensorView& input, const TensorView& output, const ResampleGeometry& geometry) {
  LS_REQUIRE(is_nearest(geometry.kind) || is_float(input.dtype), "input is ", name_of(input.dtype),
             "; interpolation between elements takes floats");
  LS_REQUIRE(!geometry.antialias || (input.rank == 4 && !is_nearest(geometry.kind)),
             "antialias takes kLinear or kCubic on two spatial axes");
  for (int i = 0; i < input.rank - 2; ++i) {
    double scale = geometry.scale[i];
    LS_REQUIRE(std::isfinite(scale) && scale >= 0, "scale is ", scale, " on spatial axis ", i,
               "; it must be finite and not below 0");
    LS_REQUIRE(scale * static_cast<double>(output.sizes[2 + i] + 1) <= 0x1p31, "a scale of ", scale, " over ",
               output.sizes[2 + i], " positions passes 2^31 on spatial axis ", i);
  }
}

}  // namespace

double resample_scale(int64_t input, int64_t output, bool align_corners) {
  if (!align_corners) return static_cast<double>(input) / static_cast<double>(output);
  return output > 1 ? static_cast<double>(input - 1) / static_cast<double>(output - 1) : 0;
}

Sizes resample_output_sizes(std::span<const int64_t> input, std::span<const int64_t> grid) {
  Sizes sizes(input.begin(), input.begin() + 2);
  for (int64_t size : grid.subspan(1, grid.size() - 2)) sizes.push_back(size);
  return sizes;
}

void validate_resample(const TensorView& input, const TensorView& grid, const TensorView& output,
                       const ResampleGeometry& geometry) {
  require_present("input", input);
  LS_REQUIRE(is_valid(geometry.kind), "resample ", static_cast<int>(geometry.kind), " is unknown");
  LS_REQUIRE(is_valid(geometry.padding), "padding ", static_cast<int>(geometry.padding), " is unknown");
  LS_REQUIRE(input.rank >= 3 && input.rank <= 5, "a resample of rank ", int{input.rank},
             "; it takes [N, C, spatial...] with 1 to 3 spatial axes");
  require_rank("output", output, input.rank);
  require_dtype("output", output, input.dtype);
  LS_REQUIRE(input.sizes[0] == output.sizes[0] && input.sizes[1] == output.sizes[1], "the output has sizes ",
             shape_text(output.shape()), "; batch and channels are those of ", shape_text(input.shape()));
  for (int i = 2; i < input.rank; ++i)
    LS_REQUIRE(input.sizes[i] >= 1 && input.sizes[i] <= INT32_MAX && output.sizes[i] <= INT32_MAX,
               "a resample takes spatial sizes 1 to ", INT32_MAX, "; axis ", i - 2, " has ", input.sizes[i],
               " and gives ", output.sizes[i]);
  if (grid)
    require_grid(input, grid, output, geometry);
  else
    require_regular(input, output, geometry);
}

void validate(const Resample& op) {
  require_memory(op);
  validate_resample(op.input, op.grid, op.output, op.geometry);
}

}  // namespace lineshaft
