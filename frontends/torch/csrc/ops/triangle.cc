// The indices of a matrix's lower and upper triangle.
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"
#include "csrc/ops/runs.h"
#include <lineshaft/frontend/ranges.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;

void check_arguments(const char* name, int64_t rows, int64_t columns, std::optional<c10::ScalarType> dtype) {
  TORCH_CHECK(rows >= 0, "row must be non-negative, got", rows);
  TORCH_CHECK(columns >= 0, "col must be non-negative, got", columns);
  c10::ScalarType type = dtype.value_or(at::kLong);
  TORCH_CHECK_NOT_IMPLEMENTED(type == at::kLong || type == at::kInt, "\"", name, "\" not implemented for '",
                              c10::toString(type), "'");
}

// Row by row: a row's columns from `first` on, `length` of them.
Tensor triangle(const Tensor& first, const Tensor& length, int64_t total, c10::ScalarType type) {
  Tensor row = run_numbers(length, total);
  Tensor begin = length.cumsum(0).sub(length).sub(first);
  Tensor column = at::arange(total, row.options()).sub(begin.index_select(0, row));
  return at::stack({row, column}).to(type);
}

template <bool upper>
Tensor triangle_indices(int64_t rows, int64_t columns, int64_t offset, std::optional<c10::ScalarType> dtype,
                        std::optional<c10::Layout> layout, std::optional<c10::Device> device,
                        std::optional<bool> pinned) {
  check_arguments(upper ? "triu_indices" : "tril_indices", rows, columns, dtype);
  TORCH_CHECK(!layout || *layout == c10::Layout::Strided, "only support layout=torch.strided, got ", *layout);
  c10::ScalarType type = dtype.value_or(at::kLong);
  auto options = at::TensorOptions().dtype(at::kLong).device(device).pinned_memory(pinned);
  offset = std::clamp(offset, -rows - 1, columns + 1);  // beyond the matrix all diagonals are alike
  int64_t total = upper ? frontend::upper_triangle_count(rows, columns, offset)
                        : frontend::lower_triangle_count(rows, columns, offset);
  if (total == 0) return at::empty({2, 0}, options.dtype(type));
  Tensor row = at::arange(rows, options);
  if (upper) {
    Tensor first = row.add(offset).clamp(0, columns);
    return triangle(first, first.neg().add(columns), total, type);
  }
  Tensor length = row.add(offset + 1).clamp(0, columns);
  return triangle(at::zeros_like(length), length, total, type);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&triangle_indices<false>>(m, "tril_indices");
  implement<&triangle_indices<true>>(m, "triu_indices");
}

}  // namespace lineshaft::torch
