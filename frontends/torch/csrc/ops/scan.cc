// Running sums, products, extremes and log-sum-exp.
#include <ATen/MemoryOverlap.h>
#include <ATen/WrapDimUtils.h>

#include "csrc/core/kernel.h"
#include "csrc/ops/reduction.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;
using c10::ScalarType;

void record_scan(ScanKind kind, const Tensor& self, int64_t dim, const Tensor& out, const Tensor& indices = {}) {
  if (self.numel() == 0) return;
  Scan op;
  op.kind = kind;
  op.axis = static_cast<int32_t>(at::maybe_wrap_dim(dim, self.dim()));
  op.input = at_least_1d(view_of(self));
  op.output = at_least_1d(view_of(out));
  op.indices = at_least_1d(view_of(indices));
  stream_of(self).record(op);
}

template <ScanKind kind>
Tensor& cumulative_out(const Tensor& self, int64_t dim, std::optional<ScalarType> dtype, Tensor& out) {
  ScalarType type = dtype.value_or(out.scalar_type());
  resize_out(out, self.sizes(), type);
  if (self.dim() == 0 || self.numel() == 0) return out.copy_(self);
  TORCH_CHECK_NOT_IMPLEMENTED(type != c10::kBool, "\"", kind == ScanKind::kSum ? "cumsum" : "cumprod",
                              "\" not implemented for 'Bool'; take dtype=torch.int64");
  Tensor input = self.scalar_type() == type ? self : self.to(type);
  if (!out.is_same(self)) {
    record_scan(kind, input, dim, out);
    return out;
  }
  Tensor result = empty(self.sizes(), type, self.device().index());
  record_scan(kind, input, dim, result);
  return out.copy_(result);
}

template <ScanKind kind>
void extreme_helper(const Tensor& self, Tensor& values, Tensor& indices, int64_t dim) {
  at::assert_no_internal_overlap(values);
  at::assert_no_internal_overlap(indices);
  record_scan(kind, self, dim, values, indices);
}

Tensor scan_logsumexp(const Tensor& self, int64_t dim) {
  require_floats("logcumsumexp", self);
  at::maybe_wrap_dim(dim, self.dim());
  Tensor out = empty(self.sizes(), self.scalar_type(), self.device().index());
  record_scan(ScanKind::kLogSumExp, self, dim, out);
  return out;
}

Tensor& logcumsumexp_out(const Tensor& self, int64_t dim, Tensor& out) {
  return store_out(scan_logsumexp(self, dim), out);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&cumulative_out<ScanKind::kSum>>(m, "cumsum.out");
  implement<&cumulative_out<ScanKind::kProd>>(m, "cumprod.out");
  implement<&extreme_helper<ScanKind::kMax>>(m, "_cummax_helper");
  implement<&extreme_helper<ScanKind::kMin>>(m, "_cummin_helper");
  implement<&scan_logsumexp>(m, "_logcumsumexp");
  implement<&logcumsumexp_out>(m, "_logcumsumexp.out");
}

}  // namespace lineshaft::torch
