// The pointwise loops of normalize and its gradient over runs of elements.
#pragma once

#include <cstdint>

#include "backends/cpu/simd/kernels.h"

namespace lineshaft::cpu {

// out = (x - mean) * rstd * weight + bias. mean, weight and bias may be null. Bit k of `still`: operand k (mean, rstd,
// weight, bias) is one value.
struct NormalizeArgs {
  const void* x = nullptr;
  void* out = nullptr;
  const void* operands[4] = {};
  int64_t n = 0;
  uint32_t still = 0;
};

// With x^ = (x - mean) * rstd and g = grad * weight:
//   out = (g - grad_sum * scale - x^ * (product_sum * scale)) * rstd
// With constant_weight the sums are those of the gradient without the weight, and the weight is multiplied last,
// together with rstd. mean, weight and grad_sum may be null. Bits of `still` as in `operands`: mean, rstd, weight,
// grad_sum, product_sum.
struct NormalizeGradArgs {
  const void* grad = nullptr;
  const void* x = nullptr;
  void* out = nullptr;
  const void* operands[5] = {};
  double scale = 0;
  int64_t n = 0;
  uint32_t still = 0;
  bool constant_weight = false;
};

struct NormalizeKernels {
  void (*apply)(const NormalizeArgs& args);
  void (*apply_grad)(const NormalizeGradArgs& args);
};

// The kernels of the instruction set in use; `type` is f32 or f64.
const NormalizeKernels& normalize_kernels(DType type);

#define LINESHAFT_DECLARE_FILL(isa)                  \
  namespace isa {                                    \
  void fill_normalize(NormalizeKernels (&table)[2]); \
  }
LINESHAFT_FOR_EACH_ISA(LINESHAFT_DECLARE_FILL)
#undef LINESHAFT_DECLARE_FILL

}  // namespace lineshaft::cpu
