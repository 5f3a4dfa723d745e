#include "csrc/ops/integer_pool.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/constant_pad_nd.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;

// Windows along one axis of the input.
struct Windows {
  int64_t input, output, kernel, stride, padding;

  // Summed. Sums are separable, and exact in any order.
  Tensor sums(const Tensor& self, int64_t axis) const {
    std::vector<int64_t> around(2 * (self.dim() - axis), 0);
    around[around.size() - 2] = padding;
    around[around.size() - 1] = std::max<int64_t>((output - 1) * stride + kernel - padding - input, 0);
    Tensor padded = at::constant_pad_nd(self, around, 0);
    auto at_offset = [&](int64_t k) { return padded.slice(axis, k, k + (output - 1) * stride + 1, stride); };
    Tensor sum = at_offset(0).clone();
    for (int64_t k = 1; k < kernel; ++k) sum.add_(at_offset(k));
    return sum;
  }
  // How many elements each counts.
  Tensor counts(bool count_include_pad, const c10::TensorOptions& options) const {
    Tensor begin = at::arange(output, options).mul(stride).sub(padding);
    Tensor end = begin.add(kernel).clamp_max(input + padding);
    return count_include_pad ? end.sub(begin) : end.clamp_max(input).sub(begin.clamp_min(0));
  }
};

}  // namespace

void average_integers(const Tensor& out, const Tensor& self, int spatial, const PoolGeometry& geometry) {
  Tensor sum = self, count;
  for (int i = 0; i < spatial; ++i) {
    int64_t axis = self.dim() - spatial + i;
    Windows windows{self.size(axis), out.size(axis), geometry.kernel[i], geometry.stride[i], geometry.padding[i]};
    sum = windows.sums(sum, axis);
    Tensor counts = windows.counts(geometry.count_include_pad, self.options());
    for (int k = i + 1; k < spatial; ++k) counts = counts.unsqueeze(-1);
    count = count.defined() ? count.mul(counts) : counts;
  }
  out.copy_(geometry.divisor > 0 ? sum.div(int64_t{geometry.divisor}, "trunc") : sum.div(count, "trunc"));
}

}  // namespace lineshaft::torch
