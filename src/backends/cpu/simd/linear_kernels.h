// Factorizations of one matrix and operations with them, by Eigen's matrix products and triangular solvers. Eigen has
// only headers: it is compiled once for each instruction set, uses no threads of its own, and gives the same results
// whatever BLAS a machine has. The algorithms are recursive, so that nearly all work is in products; large products are
// divided by columns over the compute pool.
//
// Matrices are column-major: element (i, j) at i + j * stride. Addresses and strides are multiples of 64 bytes, so that
// results do not depend on the addresses.
#pragma once

#include <cstdint>

#include "backends/cpu/simd/kernels.h"

namespace lineshaft::cpu {

struct Dense {
  void* data = nullptr;
  int64_t rows = 0, columns = 0, stride = 0;
};

struct LinearKernels {
  // ops/cholesky.h, in place; returns `info`. The elements above the diagonal are then unspecified.
  int64_t (*cholesky)(const Dense& a);
  // ops/triangular_solve.h; b is replaced by x.
  void (*solve_triangular)(const Dense& a, bool upper, bool unit, const Dense& b);
  // ops/lu.h, in place; returns `info`.
  int64_t (*lu)(const Dense& a, bool pivot, int32_t* pivots);
  // ops/qr.h, in place; `tau` has min(rows, columns) elements.
  void (*qr)(const Dense& a, void* tau);
  // ops/apply_reflectors.h; b is replaced by the product. Elements above the diagonal of the reflectors are not read.
  void (*apply_reflectors)(const Dense& reflectors, const void* tau, bool transposed, const Dense& b);
};

// The kernels of the instruction set in use; `type` is f32 or f64.
const LinearKernels& linear_kernels(DType type);

#define LINESHAFT_DECLARE_FILL(isa)            \
  namespace isa {                              \
  void fill_linear(LinearKernels (&table)[2]); \
  }
LINESHAFT_FOR_EACH_ISA(LINESHAFT_DECLARE_FILL)
#undef LINESHAFT_DECLARE_FILL

}  // namespace lineshaft::cpu
