// pool: maximum or average over windows of 1 to 3 spatial axes. Views are [N, C, spatial...].
//
// A window starts at x*stride - padding and takes every dilation-th element, kernel of them. kMax ignores what lies
// outside the input; `indices` are row-major positions within the input's spatial sizes; NaN wins; the first of equals.
// kAverage divides by the number of elements: with count_include_pad of the window clipped to the input plus its
// padding, without it of the window clipped to the input; divisor > 0 divides by it instead. The adaptive kinds take
// the window floor(x*I/O) ... ceil((x+1)*I/O) and ignore the geometry.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class PoolKind : uint8_t { kMax, kAverage, kAdaptiveMax, kAdaptiveAverage };
LINESHAFT_ENUM_NAMES(PoolKind, "max", "average", "adaptive_max", "adaptive_average")

struct PoolGeometry {
  PoolKind kind = PoolKind::kMax;
  Spatial kernel{1, 1, 1};
  Spatial stride{1, 1, 1};
  Spatial padding{0, 0, 0};
  Spatial dilation{1, 1, 1};  // kMax only
  bool count_include_pad = true;
  int32_t divisor = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    v.param("kernel", self.kernel);
    v.param("stride", self.stride);
    v.param("padding", self.padding);
    v.param("dilation", self.dilation);
    v.param("count_include_pad", self.count_include_pad);
    v.param("divisor", self.divisor);
  }
};

struct Pool {
  TensorView input;
  TensorView output;   // any spatial sizes of which every window starts before the input's end
  TensorView indices;  // optional, the max kinds only: i64, output's sizes
  PoolGeometry geometry;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.output("output", self.output);
    v.output("indices", self.indices);
    PoolGeometry::fields(self.geometry, v);
  }
};

LINESHAFT_EXPORT void validate(const Pool& op);
LINESHAFT_EXPORT void validate_pool(const TensorView& input, const TensorView& output, const TensorView& indices,
                                    const PoolGeometry& geometry);

// Which windows an axis has.
enum class PoolRounding : uint8_t {
  kFloor,  // those that lie inside the input and its padding
  kCeil,   // and one more that reaches past that, where it starts before the input's end
};
// How many windows spatial axis `i` of size `size` has, by a geometry that is not adaptive. Below 1 where none fits:
// then there is no output.
LINESHAFT_EXPORT int64_t pool_output_size(int64_t size, const PoolGeometry& geometry, int i, PoolRounding rounding);
// The output's sizes for an input whose last `spatial` axes are those that the windows lie on. The others keep theirs.
LINESHAFT_EXPORT Sizes pool_output_sizes(std::span<const int64_t> input, int spatial, const PoolGeometry& geometry,
                                         PoolRounding rounding);

// The half-open window of output position `x` along spatial axis `i`, before clipping to 0..size.
struct PoolWindow {
  int64_t begin;
  int64_t end;
  int64_t step;
};
LINESHAFT_EXPORT PoolWindow pool_window(const PoolGeometry& geometry, int i, int64_t x, int64_t input_size,
                                        int64_t output_size);

}  // namespace lineshaft
