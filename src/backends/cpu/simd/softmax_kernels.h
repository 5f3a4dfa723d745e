// Softmax and its gradient over lines: one contiguous line, or many lines side by side. Sums have the order of
// reduce_kernels.h, so that both give the same bits.
#pragma once

#include <cstdint>

#include "backends/cpu/simd/kernels.h"

namespace lineshaft::cpu {

struct SoftmaxKernels {
  // out may be x.
  void (*line)(const void* x, void* out, int64_t n, bool log);
  // In place on `rows` rows of `cols`; each column is a line. `work` holds work_bytes * cols.
  void (*columns)(void* x, int64_t rows, int64_t cols, bool log, void* work);
  // out may be g or y.
  void (*grad_line)(const void* g, const void* y, void* out, int64_t n, bool log);
  // Leaves the result in g.
  void (*grad_columns)(void* g, const void* y, int64_t rows, int64_t cols, bool log, void* work);
};
inline constexpr int64_t kSoftmaxWorkBytes = 19 * 8;

// The kernels of the instruction set in use; `type` is f32 or f64.
const SoftmaxKernels& softmax_kernels(DType type);

#define LINESHAFT_DECLARE_FILL(isa)              \
  namespace isa {                                \
  void fill_softmax(SoftmaxKernels (&table)[2]); \
  }
LINESHAFT_FOR_EACH_ISA(LINESHAFT_DECLARE_FILL)
#undef LINESHAFT_DECLARE_FILL

}  // namespace lineshaft::cpu
