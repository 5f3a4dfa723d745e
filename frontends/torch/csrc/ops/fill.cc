// fill_ and zero_: a program without inputs whose value is a run-time argument.
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/formulas/selection.h>

namespace lineshaft::torch {
namespace {

// An expanded tensor's elements, each once: writing one value to a place twice is as good as once.
at::Tensor each_once(const at::Tensor& self) {
  at::Tensor once = self;
  for (int64_t axis = 0; axis < self.dim(); ++axis)
    if (self.stride(axis) == 0 && self.size(axis) > 1) once = once.narrow(axis, 0, 1);
  return once;
}

at::Tensor& fill_scalar(at::Tensor& self, const at::Scalar& value) {
  DType dtype = dtype_of(self.scalar_type());
  // On its way into `where` and into indexing a number becomes a tensor without axes, which PyTorch lets round to
  // infinity in f16 and bf16.
  bool rounds = self.dim() == 0 && (dtype == DType::kF16 || dtype == DType::kBF16);
  lineshaft::Scalar args[] = {rounds ? argument(value, dtype) : stored_argument(value, dtype)};
  at::Tensor once = each_once(self);
  record_map(frontend::formulas::fill_program(dtype), {&once}, {}, args);
  return self;
}

at::Tensor& fill_tensor(at::Tensor& self, const at::Tensor& value) {
  TORCH_CHECK(value.dim() == 0, "fill_ only supports 0-dimension value tensor but got tensor with ", value.dim(),
              " dimensions.");
  if (!on_device(value)) return fill_scalar(self, value.item());
  return self.copy_(value);
}

at::Tensor& zero(at::Tensor& self) {
  return fill_scalar(self, 0);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&fill_scalar>(m, "fill_.Scalar");
  implement<&fill_tensor>(m, "fill_.Tensor");
  implement<&zero>(m, "zero_");
}

}  // namespace lineshaft::torch
