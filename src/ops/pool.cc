#include "lineshaft/ops/pool.h"

#include <algorithm>
#include <numeric>

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft {
namespace {

bool is_adaptive(PoolKind kind) {
  return kind == PoolKind::kAdaptiveMax || kind == PoolKind::kAdaptiveAverage;
}
bool is_max(PoolKind kind) {
  return kind == PoolKind::kMax || kind == PoolKind::kAdaptiveMax;
}

// Towards the smaller number; `by` is above 0.
Int128 floor_divide(Int128 number, int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

// The windows that start before the input's end.
Int128 windows_started(int64_t size, const PoolGeometry& geometry, int i) {
  return floor_divide(static_cast<Int128>(size) + geometry.padding[i] - 1, geometry.stride[i]) + 1;
}

void require_windows(const PoolGeometry& geometry, int i, int64_t input, int64_t output) {
  int64_t extent = static_cast<int64_t>(geometry.dilation[i]) * (geometry.kernel[i] - 1) + 1;
  LS_REQUIRE(2 * static_cast<int64_t>(geometry.padding[i]) <= extent, "padding ", geometry.padding[i],
             " on spatial axis ", i, " is more than half of the window of ", extent);
  LS_REQUIRE(output <= windows_started(input, geometry, i), "output position ", output - 1, " on spatial axis ", i,
             " has a window that starts past the input of size ", input);
}

// Elements in all windows of an axis: these cover it, and two that meet inside an element both take it.
int64_t adaptive_visits(int64_t from, int64_t to) {
  return from + to - std::gcd(from, to);
}

}  // namespace

int64_t pool_output_size(int64_t size, const PoolGeometry& geometry, int i, PoolRounding rounding) {
  Int128 extent = static_cast<Int128>(geometry.dilation[i]) * (geometry.kernel[i] - 1) + 1;
  Int128 room = static_cast<Int128>(size) + 2 * static_cast<Int128>(geometry.padding[i]) - extent;
  if (rounding == PoolRounding::kFloor) return saturated(floor_divide(room, geometry.stride[i]) + 1);
  Int128 covering = floor_divide(room + geometry.stride[i] - 1, geometry.stride[i]) + 1;
  return saturated(std::min(covering, windows_started(size, geometry, i)));
}

Sizes pool_output_sizes(std::span<const int64_t> input, int spatial, const PoolGeometry& geometry,
                        PoolRounding rounding) {
  Sizes sizes(input.begin(), input.end());
  for (int i = 0; i < spatial; ++i) {
    int64_t& size = sizes[input.size() - spatial + i];
    size = pool_output_size(size, geometry, i, rounding);
  }
  return sizes;
}

PoolWindow pool_window(const PoolGeometry& geometry, int i, int64_t x, int64_t input_size, int64_t output_size) {
  if (is_adaptive(geometry.kind))
    return {x * input_size / output_size, ((x + 1) * input_size + output_size - 1) / output_size, 1};
  int64_t begin = x * geometry.stride[i] - geometry.padding[i];
  return {begin, begin + static_cast<int64_t>(geometry.dilation[i]) * (geometry.kernel[i] - 1) + 1,
          geometry.dilation[i]};
}

void validate_pool(const TensorView& input, const TensorView& output, const TensorView& indices,
                   const PoolGeometry& geometry) {
  require_present("the input side", input);
  LS_REQUIRE(is_valid(geometry.kind), "pool ", static_cast<int>(geometry.kind), " is unknown");
  LS_REQUIRE(input.rank >= 3 && input.rank <= 5, "a pool of rank ", int{input.rank},
             "; it takes [N, C, spatial...] with 1 to 3 spatial axes");
  require_rank("the output side", output, input.rank);
  require_dtype("the output side", output, input.dtype);
  LS_REQUIRE(input.dtype != DType::kBool, "a pool takes no bool");
  if (!is_max(geometry.kind)) require_float("the input side", input);
  for (int i = 0; i < 2; ++i)
    LS_REQUIRE(input.sizes[i] == output.sizes[i], "the input has size ", input.sizes[i], " on axis ", i,
               ", the output ", output.sizes[i]);
  int spatial = input.rank - 2;
  require_spatial("kernel", geometry.kernel, spatial, 1, 1);
  require_spatial("stride", geometry.stride, spatial, 1, 1);
  require_spatial("padding", geometry.padding, spatial, 0, 0);
  require_spatial("dilation", geometry.dilation, spatial, 1, 1);
  LS_REQUIRE(geometry.divisor >= 0, "divisor is ", geometry.divisor, "; it is at least 0");
  for (int i = 0; i < spatial; ++i) {
    int64_t from = input.sizes[2 + i], to = output.sizes[2 + i];
    LS_REQUIRE(from >= 1 && from <= INT32_MAX && to <= INT32_MAX, "a pool takes spatial sizes 1 to ", INT32_MAX,
               "; axis ", i, " has ", from, " and gives ", to);
    LS_REQUIRE(geometry.kind != PoolKind::kAverage || geometry.dilation[i] == 1, "dilation is ", geometry.dilation[i],
               " on spatial axis ", i, "; an average takes 1");
    if (!is_adaptive(geometry.kind)) require_windows(geometry, i, from, to);
  }
  if (is_adaptive(geometry.kind)) {
    auto visits = [&](int i) { return i < spatial ? adaptive_visits(input.sizes[2 + i], output.sizes[2 + i]) : 1; };
    require_work({output.sizes[0], output.sizes[1], visits(0), visits(1), visits(2)});
  } else {
    require_work({output.numel(), geometry.kernel[0], geometry.kernel[1], geometry.kernel[2]});
  }
  if (!indices) return;
  LS_REQUIRE(is_max(geometry.kind), "indices are given; the max kinds take them, averages do not");
  require_dtype("indices", indices, DType::kI64);
  require_shape("indices", indices, output.shape());
}

void validate(const Pool& op) {
  require_memory(op);
  validate_pool(op.input, op.output, op.indices, op.geometry);
}

}  // namespace lineshaft
