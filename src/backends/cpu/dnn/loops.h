// Inner loops that are compiled once for each instruction set. The first call of loops() chooses the best set that the
// processor supports.
#pragma once

#include <cstdint>

#include "backends/cpu/dnn/attention_rows.h"
#include "backends/cpu/dnn/pool_row.h"
#include "lineshaft/tensor/dtype.h"

namespace lineshaft::cpu {

// A product of one tile. Rows and columns beyond m and n are not touched.
struct GemmTile {
  static constexpr int64_t kRows = 96, kColumns = 192, kDepth = 192;
  static constexpr int64_t kWorkspace = (kRows + kColumns) * kDepth * 8 + 128;  // bytes

  DType dtype;  // of a and b
  const void* a;
  const void* b;
  int64_t a_row, a_column, b_row, b_column;  // strides in elements
  int64_t m, n, k;                           // m <= kRows, n <= kColumns
  void* sum;                                 // [m, n] row-major in the compute type (bool: i32)
  int64_t sum_row;
  void* workspace;  // kWorkspace bytes, aligned to 64
};

// A strided row of elements.
struct Row {
  DType dtype;
  void* data;
  int64_t stride;  // elements
};

struct Loops {
  const char* name;
  void (*gemm_tile)(const GemmTile&);
  // Converts `count` elements: widening is exact, narrowing rounds (floats) or wraps (integers); to bool: not zero.
  // Floats to integers do not occur.
  void (*convert)(const Row& from, const Row& to, int64_t count);
  void (*pool_max)(const PoolRow&);
  void (*pool_average)(const PoolRow&);
  bool (*pool_max_grad)(const PoolGradRow&);  // false: an index is out of range
  void (*pool_average_grad)(const PoolGradRow&);
  AttentionRows<float> attention_f32;
  AttentionRows<double> attention_f64;

  template <class T>
  const AttentionRows<T>& attention() const {
    if constexpr (sizeof(T) == 4)
      return attention_f32;
    else
      return attention_f64;
  }
};

const Loops& loops();

}  // namespace lineshaft::cpu
