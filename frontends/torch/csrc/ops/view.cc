// Views: PyTorch's own functions, which touch sizes and strides only.
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_as_complex_native.h>
#include <ATen/ops/view_as_real_native.h>
#include <ATen/ops/view_native.h>

#include "csrc/core/kernel.h"

namespace lineshaft::torch {
namespace {

at::Tensor view(const at::Tensor& self, c10::IntArrayRef sizes) {
  return at::native::view(self, sizes);
}
at::Tensor reshape_alias(const at::Tensor& self, c10::IntArrayRef sizes, c10::IntArrayRef strides) {
  return at::native::_reshape_alias(self, sizes, strides);
}
at::Tensor as_strided(const at::Tensor& self, c10::IntArrayRef sizes, c10::IntArrayRef strides,
                      std::optional<int64_t> offset) {
  return at::native::as_strided_tensorimpl(self, sizes, strides, offset);
}
at::Tensor unfold(const at::Tensor& self, int64_t axis, int64_t size, int64_t step) {
  return at::native::unfold(self, axis, size, step);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&view>(m, "view");
  implement<&reshape_alias>(m, "_reshape_alias");
  implement<&as_strided>(m, "as_strided");
  implement<&unfold>(m, "unfold");
}

}  // namespace lineshaft::torch
