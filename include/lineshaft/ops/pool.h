// pool: maximum or average over windows of 1 to 3 spatial axes. Views are [N, C, spatial...].
//
// The window of output position x starts at x*stride - padding and has `kernel` elements, which are `dilation` apart.
// kMax ignores elements outside the input; of equal elements the first is the maximum, and a NaN is larger than all
// numbers. `indices` are the row-major positions of the maxima within the input's spatial sizes. kAverage divides the
// sum by `divisor` where that is above 0; else by the number of elements of the window inside the input, where with
// count_include_pad the padding belongs to the input. The adaptive kinds take, for input size I and output size O, the
// window from floor(x*I/O) up to, not including, ceil((x+1)*I/O), and ignore all other fields. The max kinds take any
// dtype but bool, the averages floats. Padding is at most half of the window.
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
  TensorView output;   // the input's dtype; any spatial sizes for which every window starts before the input's end
  TensorView indices;  // optional, for the max kinds only: i64, the output's sizes
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

// Which windows an axis has (PyTorch's ceil_mode).
enum class PoolRounding : uint8_t {
  kFloor,  // windows that lie inside the input and its padding
  kCeil,   // also one that reaches past the padding, if it starts before the input's end
};
// The number of windows on spatial axis `i`, of size `size`, for a kind that is not adaptive. Below 1 where no window
// fits: then there is no output.
LINESHAFT_EXPORT int64_t pool_output_size(int64_t size, const PoolGeometry& geometry, int i, PoolRounding rounding);
// The output's sizes, for an input whose last `spatial` axes are the spatial ones. The other axes keep their sizes.
LINESHAFT_EXPORT Sizes pool_output_sizes(std::span<const int64_t> input, int spatial, const PoolGeometry& geometry,
                                         PoolRounding rounding);

// The half-open window of output position `x` along spatial axis `i`, before it is clipped to the input. `step` is the
// distance between its elements.
struct PoolWindow {
  int64_t begin;
  int64_t end;
  int64_t step;
};
LINESHAFT_EXPORT PoolWindow pool_window(const PoolGeometry& geometry, int i, int64_t x, int64_t input_size,
                                        int64_t output_size);

}  // namespace lineshaft
