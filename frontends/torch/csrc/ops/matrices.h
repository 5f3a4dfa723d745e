// Batches of matrices as the engine's linear algebra takes them: [B, M, N].
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/native/LinearAlgebraUtils.h>

#include "csrc/core/fallback.h"
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"

namespace lineshaft::torch {

// PyTorch's words for dtypes that a factorization lacks: `kernel` is the name that its CPU kernel has.
void require_full_precision(const char* kernel, const at::Tensor& tensor);

// A tensor of matrices with its batch axes joined; what comes with matrices, [..., N], likewise.
at::Tensor join_batch(const at::Tensor& matrices);
at::Tensor join_vectors(const at::Tensor& vectors);

// The same for a result. Where its axes cannot be joined in place, `finish` copies it there.
class JoinedResult {
 public:
  explicit JoinedResult(const at::Tensor& result, int axes = 2);
  const at::Tensor& batch() const { return batch_; }
  void finish() const;

 private:
  at::Tensor result_, batch_;
};

// Raises PyTorch's error where `info` has an entry that is not 0.
void check_info(const at::Tensor& info, const char* name, bool is_matrix);

// Whether results may be written while the input is read.
inline at::Tensor apart_from(const at::Tensor& input, const at::Tensor& result) {
  return input.is_alias_of(result) ? input.clone() : input;
}

// Solves a x = b, or x a = b, into `result`, of b's sizes. All have one number of axes and equal batches.
void record_solve_triangular(const at::Tensor& a, const at::Tensor& b, bool upper, bool left, bool unit,
                             const at::Tensor& result);

// Identity matrices of `sizes`, [..., M, N].
at::Tensor identity(c10::IntArrayRef sizes, const at::TensorOptions& options);

}  // namespace lineshaft::torch
