// The gradients of the margin losses, composed of other operators. (Their forward passes are PyTorch's decompositions.)
#include <ATen/ATen.h>
#include <ATen/core/Reduction.h>

#include "csrc/core/kernel.h"

namespace lineshaft::frontend {
namespace {

using T = const at::Tensor&;

// The loss of one sample is a mean over classes; `grad` is one number, or one a sample.
at::Tensor scale_of(T grad, int64_t samples, int64_t classes, int64_t reduction) {
  double norm = 1.0 / static_cast<double>(reduction == at::Reduction::Mean ? samples * classes : classes);
  return (reduction == at::Reduction::None ? grad.reshape({-1, 1}) : grad.reshape({1, 1})) * norm;
}

at::Tensor multi_margin_backward(T grad, T self, T target, const at::Scalar& p, const at::Scalar& margin,
                                 const std::optional<at::Tensor>& weight, int64_t reduction) {
  at::Tensor x = self.dim() < 2 ? self.reshape({1, -1}) : self, t = target.reshape({-1, 1});
  at::Tensor z = x - x.gather(1, t) + margin;
  at::Tensor slope = (p.toLong() == 1 ? at::ones_like(z) : z * 2).masked_fill(z.le(0), 0);
  if (weight.has_value() && weight->defined()) slope = slope * weight->index_select(0, t.squeeze(1)).unsqueeze(1);
  slope = slope.scatter(1, t, 0);
  slope = slope.scatter(1, t, slope.sum(1, true).neg());
  return (slope * scale_of(grad, x.size(0), x.size(1), reduction)).view(self.sizes());
}

// Every class before the first -1 in a row of `target` should score higher by 1 than every class that is not among
// them.
at::Tensor multilabel_margin_backward(T grad, T self, T target, int64_t reduction, T is_target) {
  if (self.numel() == 0) return at::empty_like(self);
  at::Tensor x = self.dim() < 2 ? self.reshape({1, -1}) : self, t = target.reshape(x.sizes());
  at::Tensor valid = at::cumprod(t.ge(0).to(at::kLong), 1).ne(0), chosen = t.clamp_min(0);
  at::Tensor hits = (1 - x.gather(1, chosen).unsqueeze(2) + x.unsqueeze(1)).gt(0);
  hits = hits.logical_and(valid.unsqueeze(2))
             .logical_and(is_target.reshape(x.sizes()).eq(0).unsqueeze(1))
             .to(x.scalar_type());
  at::Tensor slope = hits.sum(1).scatter_add(1, chosen, hits.sum(2).neg());
  return (slope * scale_of(grad, x.size(0), x.size(1), reduction)).view(self.sizes());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&multi_margin_backward>(m, "multi_margin_loss_backward");
  implement<&multilabel_margin_backward>(m, "multilabel_margin_loss_backward");
}

}  // namespace
}  // namespace lineshaft::frontend
