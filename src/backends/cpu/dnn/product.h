// Matrix products over raw memory, for matmul, attention and convolutions by im2col.
#pragma once

#include "backends/cpu/context.h"

namespace lineshaft::cpu {

// A batch of matrices; strides in elements.
struct Matrices {
  void* data = nullptr;
  DType dtype = DType::kF32;
  int64_t batch_stride = 0, row = 0, column = 0;

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
  Matrices transposed() const { return {data, dtype, batch_stride, column, row}; }
};

// How sgemm can read a matrix: whether it is transposed, and its leading dimension, or 0 where sgemm cannot read it.
// The stride of an axis of size 1 is ignored.
struct SgemmLayout {
  bool transposed = false;
  int64_t leading = 0;
};
SgemmLayout sgemm_layout(const Matrices& matrix, int64_t rows, int64_t columns);

// c[i] = a[i] b[i] for i < batch. a and b have one dtype; c has any float dtype for floats and any integer dtype for
// integers, to which sums are rounded or wrapped once.
struct Product {
  int64_t batch = 1, m = 0, n = 0, k = 0;
  Matrices a, b, c;
};

// Uses the fastest implementation for the shape and the dtype. All of c is written, even where k is 0.
void multiply(Context& context, const Product& product);

// The implementations, among which `multiply` chooses.
bool multiply_sgemm(const Product& product);  // f32; false: the strides are not suitable for sgemm
bool multiply_onednn(Context& context,
                     const Product& product);  // f32 and bf16 by oneDNN's matmul; false: not such a product
void multiply_tiled(Context& context, const Product& product);  // anything

}  // namespace lineshaft::cpu
