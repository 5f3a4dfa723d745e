// Counting values: bincount and histc.
#include <ATen/ATen.h>

#include "csrc/core/fallback.h"
#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;
// The least and the greatest value; what follows depends on them.
std::pair<c10::Scalar, c10::Scalar> extremes(const Tensor& self) {
  Tensor both = at::stack({self.min(), self.max()});
  HostRead allowed;
  Tensor known = both.cpu();
  return {known[0].item(), known[1].item()};
}

Tensor bincount(const Tensor& self, const OptionalTensor& weights, int64_t minlength) {
  TORCH_CHECK(minlength >= 0, "minlength should be >= 0");
  TORCH_CHECK_NOT_IMPLEMENTED(c10::isIntegralType(self.scalar_type(), false), "\"bincount\" not implemented for '",
                              c10::toString(self.scalar_type()), "'");
  if (self.dim() == 1 && self.numel() == 0) return at::zeros({minlength}, self.options().dtype(at::kLong));
  TORCH_CHECK(self.dim() == 1, "bincount only supports 1-d non-negative integral inputs.");
  bool weighted = present(weights);
  if (weighted) {
    TORCH_CHECK(weights->dim() == 1 && weights->size(0) == self.size(0),
                "weights should be 1-d and have the same length as input");
    require_device(*weights, self.device(), "weights");
  }
  auto [least, most] = extremes(self);
  TORCH_CHECK(least.toLong() >= 0, "bincount only supports 1-d non-negative integral inputs.");
  TORCH_CHECK(most.toLong() < std::numeric_limits<int64_t>::max(), "maximum value of input overflowed, it should be < ",
              std::numeric_limits<int64_t>::max(), " but got ", most.toLong());
  int64_t bins = std::max(most.toLong() + 1, minlength);
  Tensor index = self.to(at::kLong);
  if (!weighted) return at::zeros({bins}, index.options()).index_add_(0, index, at::ones_like(index));
  Tensor added = weights->scalar_type() == at::kFloat ? *weights : weights->to(at::kDouble);
  return at::zeros({bins}, added.options()).index_add_(0, index, added);
}

struct Range {
  c10::Scalar low, high;
};

// As a number of the tensor's dtype: bins are found in its precision.
double rounded(double value, const Tensor& like) {
  return at::scalar_tensor(value, at::TensorOptions().dtype(like.scalar_type())).item().toDouble();
}

// The given range, or the values' own where both ends are alike; one wider to each side where that is a single value.
Range range_of(const Tensor& self, const c10::Scalar& min, const c10::Scalar& max) {
  bool integral = c10::isIntegralType(self.scalar_type(), false);
  Range range{integral ? c10::Scalar(min.toLong()) : c10::Scalar(min.toDouble()),
              integral ? c10::Scalar(max.toLong()) : c10::Scalar(max.toDouble())};
  auto alike = [&] {
    return integral ? range.low.toLong() == range.high.toLong() : range.low.toDouble() == range.high.toDouble();
  };
  if (alike() && self.numel() > 0) std::tie(range.low, range.high) = extremes(self);
  TORCH_CHECK(std::isfinite(range.low.toDouble()) && std::isfinite(range.high.toDouble()), "torch.histc: range of [",
              range.low.toDouble(), ", ", range.high.toDouble(), "] is not finite");
  if (alike()) {
    range = integral ? Range{range.low.toLong() - 1, range.high.toLong() + 1}
                     : Range{range.low.toDouble() - 1, range.high.toDouble() + 1};
  }
  TORCH_CHECK(range.low.toDouble() < range.high.toDouble(), "torch.histc: max must be larger than min");
  return range;
}

// Integers too, as on CUDA: in i64, so that no bin's number wraps.
Tensor histc(const Tensor& self, int64_t bins, const c10::Scalar& min, const c10::Scalar& max) {
  TORCH_CHECK(bins > 0, "torch.histogram(): bins must be > 0, but got ", bins, " for dimension 0");
  TORCH_CHECK_NOT_IMPLEMENTED(self.scalar_type() != at::kBool, "\"histc\" not implemented for 'Bool'");
  bool integral = c10::isIntegralType(self.scalar_type(), false);
  Range range = range_of(self, min, max);
  Tensor values = self.reshape({-1});
  if (integral) values = values.to(at::kLong);
  Tensor inside = values.ge(range.low).logical_and(values.le(range.high));
  Tensor bin = values.sub(range.low).mul(bins);
  bin = integral ? bin.div(range.high.toLong() - range.low.toLong(), "trunc")
                 : bin.div(rounded(range.high.toDouble() - range.low.toDouble(), self)).to(at::kLong);
  bin = at::where(inside, bin.clamp_max(bins - 1), bins);  // the last bin holds its upper end; one more what is outside
  Tensor counts = at::zeros({bins + 1}, bin.options()).index_add_(0, bin, at::ones_like(bin));
  return counts.narrow(0, 0, bins).to(self.scalar_type());
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&bincount>(m, "bincount");
  implement<&histc>(m, "histc");
}

}  // namespace lineshaft::torch
