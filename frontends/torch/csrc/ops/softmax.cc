// Softmax and log-softmax along an axis, and their gradients.
#include <ATen/WrapDimUtils.h>
#include <ATen/ops/_log_softmax_backward_data_meta.h>
#include <ATen/ops/_log_softmax_meta.h>
#include <ATen/ops/_softmax_backward_data_meta.h>
#include <ATen/ops/_softmax_meta.h>

#include "csrc/core/structured.h"

namespace lineshaft::torch {
namespace {

// A scalar is a vector of one element.
TensorView softmax_rows(const at::Tensor& tensor) {
  return at_least_1d(view_of(tensor));
}

template <bool log>
void softmax(Results out, const at::Tensor& self, int64_t dim, bool half_to_float) {
  TORCH_CHECK(!half_to_float || self.scalar_type() == at::kHalf || self.scalar_type() == at::kBFloat16,
              "conversion is supported for Half and BFloat16 types only");
  require_floats("softmax", self);
  if (self.numel() == 0) return;
  int64_t axis = at::maybe_wrap_dim(dim, self.dim());
  stream_of(self).record(Softmax{static_cast<int32_t>(axis), log, softmax_rows(self), softmax_rows(out[0])});
}

template <bool log>
void softmax_backward(Results out, const at::Tensor& grad_output, const at::Tensor& output, int64_t dim,
                      at::ScalarType /*input_dtype*/) {
  require_floats("softmax_backward", grad_output);
  require_floats("softmax_backward", output);
  if (output.numel() == 0) return;
  int64_t axis = at::maybe_wrap_dim(dim, output.dim());
  stream_of(output).record(SoftmaxGrad{static_cast<int32_t>(axis), log, softmax_rows(grad_output), softmax_rows(output),
                                       softmax_rows(out[0])});
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement_structured<structured__softmax, 1, &softmax<false>>(m, "_softmax", "_softmax.out");
  implement_structured<structured__log_softmax, 1, &softmax<true>>(m, "_log_softmax", "_log_softmax.out");
  implement_structured<structured__softmax_backward_data, 1, &softmax_backward<false>, Dtypes::kAlike>(
      m, "_softmax_backward_data", "_softmax_backward_data.out");
  implement_structured<structured__log_softmax_backward_data, 1, &softmax_backward<true>, Dtypes::kAlike>(
      m, "_log_softmax_backward_data", "_log_softmax_backward_data.out");
}

}  // namespace
}  // namespace lineshaft::torch
