// Runs (repeat_interleave), sums of products of batches, and whether two tensors are equal, composed of other
// operators.
#include <ATen/ATen.h>

#include "csrc/core/fallback.h"
#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"
#include "csrc/ops/runs.h"

namespace lineshaft::torch {

// Ones where runs begin, summed.
at::Tensor run_numbers(const at::Tensor& lengths, int64_t total) {
  at::Tensor ends = at::cumsum(lengths, 0);
  at::Tensor begins = at::zeros({total + 1}, lengths.options().dtype(at::kLong));
  begins.index_add_(0, ends.to(at::kLong), at::ones({ends.numel()}, begins.options()));
  return at::cumsum(begins, 0).narrow(0, 0, total);
}

namespace {

using T = const at::Tensor&;
bool equal(T self, T other) {
  TORCH_CHECK(self.device() == other.device(), "Cannot compare two tensors on different devices. Got: ", self.device(),
              " and ", other.device());
  if (self.sizes() != other.sizes()) return false;
  if (self.numel() == 0) return true;
  at::Tensor same = self.eq(other).all();
  HostRead allowed;
  return same.item<bool>();
}

at::Tensor repeat_interleave(T repeats, std::optional<int64_t> output_size) {
  TORCH_CHECK(repeats.dim() == 1, "repeat_interleave only accept 1D vector as repeat");
  TORCH_CHECK(repeats.scalar_type() == at::kLong || repeats.scalar_type() == at::kInt,
              "repeats has to be Long or Int tensor");
  if (repeats.size(0) == 0) return at::empty_like(repeats, at::MemoryFormat::Contiguous);
  int64_t total = output_size.value_or(-1);
  if (total < 0) {
    at::Tensor summary = at::stack({repeats.min().to(at::kLong), repeats.sum().to(at::kLong)});
    HostRead allowed;
    at::Tensor known = summary.cpu();
    TORCH_CHECK(known[0].item<int64_t>() >= 0, "repeats can not be negative");
    total = known[1].item<int64_t>();
  }
  return run_numbers(repeats, total).to(repeats.scalar_type());
}

at::Tensor addbmm(T self, T batch1, T batch2, const at::Scalar& beta, const at::Scalar& alpha) {
  TORCH_CHECK(batch1.dim() == 3 && batch2.dim() == 3, "batch1 and batch2 must be 3D tensors; got ", batch1.sizes(),
              " and ", batch2.sizes());
  TORCH_CHECK(batch1.size(0) == batch2.size(0) && batch1.size(2) == batch2.size(1),
              "Incompatible matrix sizes for bmm (", batch1.sizes(), " and ", batch2.sizes(), ")");
  int64_t rows = batch1.size(1), inner = batch1.size(0) * batch1.size(2), columns = batch2.size(2);
  return at::addmm(self, batch1.transpose(0, 1).reshape({rows, inner}), batch2.reshape({inner, columns}), beta, alpha);
}
at::Tensor& addbmm_out(T self, T batch1, T batch2, const at::Scalar& beta, const at::Scalar& alpha, at::Tensor& out) {
  return store_out(torch::addbmm(self, batch1, batch2, beta, alpha), out);
}
at::Tensor& addbmm_in_place(at::Tensor& self, T batch1, T batch2, const at::Scalar& beta, const at::Scalar& alpha) {
  at::Tensor result = torch::addbmm(self, batch1, batch2, beta, alpha);
  self.resize_(result.sizes());  // as PyTorch's, which broadcasts `self` here
  return self.copy_(result);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&equal>(m, "equal");
  implement<&repeat_interleave>(m, "repeat_interleave.Tensor");
  implement<&addbmm>(m, "addbmm");
  implement<&addbmm_out>(m, "addbmm.out");
  implement<&addbmm_in_place>(m, "addbmm_");
}

}  // namespace
}  // namespace lineshaft::torch
