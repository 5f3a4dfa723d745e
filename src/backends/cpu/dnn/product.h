// Matrix products over raw memory: what matmul, attention and the im2col paths are made of.
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

// How sgemm reads a matrix: plain or transposed, and the leading dimension, which is 0 where it cannot. The stride of
// an axis of one element says nothing and is not looked at.
struct SgemmLayout {
  bool transposed = false;
  int64_t leading = 0;
};
SgemmLayout sgemm_layout(const Matrices& matrix, int64_t rows, int64_t columns);

// c[i] = a[i] b[i] for i < batch. a and b have one dtype; c has any of its kind: sums are rounded or wrapped to it
// once.
struct Product {
  int64_t batch = 1, m = 0, n = 0, k = 0;
  Matrices a, b, c;
};

// Chooses the fastest way for the shape and the dtype. All of c is written, also where k is 0.
void multiply(Context& context, const Product& product);

// The ways. Each takes what its name says; `multiply` knows which applies.
bool multiply_sgemm(const Product& product);  // f32 whose strides suit sgemm; false: they do not
bool multiply_onednn(Context& context,
                     const Product& product);  // f32 and bf16 by oneDNN's matmul; false: not such a product
void multiply_tiled(Context& context, const Product& product);  // anything

}  // namespace lineshaft::cpu
