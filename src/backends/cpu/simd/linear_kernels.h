// Factorizations and what is done with them, for one matrix, by Eigen's products and triangular systems: headers only,
// so compiled once for each instruction set, with no threads of their own and the same numbers whatever BLAS a machine
// has. Recursive, so that nearly all work is in products; large ones are shared out over the compute pool by columns.
//
// Matrices are column-major: element (i, j) at i + j * stride. Addresses and strides are multiples of 64 bytes, so that
// results do not depend on where the memory lies.
#pragma once

#include <cstdint>

#include "backends/cpu/simd/kernels.h"

namespace lineshaft::cpu {

struct Dense {
  void* data = nullptr;
  int64_t rows = 0, columns = 0, stride = 0;
};

struct LinearKernels {
  // ops/cholesky.h, in place; gives `info`. Above the diagonal it leaves what it likes.
  int64_t (*cholesky)(const Dense& a);
  // ops/triangular_solve.h: b becomes x.
  void (*solve_triangular)(const Dense& a, bool upper, bool unit, const Dense& b);
  // ops/lu.h, in place; gives `info`.
  int64_t (*lu)(const Dense& a, bool pivot, int32_t* pivots);
  // ops/qr.h, in place; `tau` has min(rows, columns) elements.
  void (*qr)(const Dense& a, void* tau);
  // ops/apply_reflectors.h: b becomes the product. What stands above the reflectors' diagonal is not read.
  void (*apply_reflectors)(const Dense& reflectors, const void* tau, bool transposed, const Dense& b);
};

// Of the instruction set in use; `type` is f32 or f64.
const LinearKernels& linear_kernels(DType type);

#define LINESHAFT_DECLARE_FILL(isa)            \
  namespace isa {                              \
  void fill_linear(LinearKernels (&table)[2]); \
  }
LINESHAFT_FOR_EACH_ISA(LINESHAFT_DECLARE_FILL)
#undef LINESHAFT_DECLARE_FILL

}  // namespace lineshaft::cpu
