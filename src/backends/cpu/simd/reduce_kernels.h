// The loops of reductions. Each output reduces a sequence of values, cut into blocks of kReduceBlock. Within a block of
// floats, value i goes to lane i % 16, and the lanes are folded pairwise; blocks are merged in order, sums in f64. So
// the result is the same whether the values of a block are contiguous (one output after another) or in rows (many
// outputs side by side), and does not depend on the instruction set and the division of work among threads.
#pragma once

#include <cstdint>

#include "backends/cpu/simd/kernels.h"
#include "lineshaft/ops/reduce.h"

namespace lineshaft::cpu {

inline constexpr int64_t kReduceBlock = 1024;
inline constexpr int64_t kReduceQuarter = kReduceBlock / 4;

struct ReduceKernels {
  int64_t lane_bytes = 0;   // size of the lanes of one column
  int64_t block_bytes = 0;  // size of a block's result for one column
  int64_t total_bytes = 0;  // size of the merged result

  // Reduces a block whose values are contiguous. `first` is the position of v[0] in its sequence.
  void (*run)(const void* v, int64_t n, int64_t first, void* block) = nullptr;
  // The same for `cols` blocks side by side, some rows at a time; `row` is the number of the first row in its block.
  void (*begin)(void* lanes, int64_t cols) = nullptr;
  void (*rows)(const void* v, int64_t rows, int64_t cols, int64_t row_stride, int64_t row, void* lanes) = nullptr;
  void (*fold)(void* lanes, int64_t cols, int64_t n, int64_t first, void* blocks) = nullptr;

  void (*clear)(void* totals, int64_t count) = nullptr;
  void (*merge)(void* totals, const void* blocks, int64_t count) = nullptr;
  // Converts totals to results. `divisor` is the divisor of the variance. `second` receives positions or variances.
  void (*finish)(const void* totals, int64_t count, double divisor, void* out, void* second) = nullptr;
};

// The dtype of the result of a reduction of values of compute type `type`, not counting positions and variances.
constexpr DType reduced_type(ReduceKind kind, DType type) {
  switch (kind) {
    case ReduceKind::kSum:
    case ReduceKind::kProd:
      return accumulate_type(type);
    case ReduceKind::kAny:
    case ReduceKind::kAll:
      return DType::kBool;
    case ReduceKind::kArgMin:
    case ReduceKind::kArgMax:
      return DType::kI64;
    default:
      return type;
  }
}

inline constexpr int kReduceKinds = 11;
static_assert(static_cast<int>(ReduceKind::kMeanVar) == kReduceKinds - 1);

// The kernels of the instruction set in use.
const ReduceKernels& reduce_kernels(ReduceKind kind, DType type);

#define LINESHAFT_DECLARE_FILL(isa)                                      \
  namespace isa {                                                        \
  void fill_reduce(ReduceKernels (&table)[kReduceKinds][kComputeTypes]); \
  }
LINESHAFT_FOR_EACH_ISA(LINESHAFT_DECLARE_FILL)
#undef LINESHAFT_DECLARE_FILL

}  // namespace lineshaft::cpu
