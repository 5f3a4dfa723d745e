// The margin losses and their gradients, composed of other operators.
#include <ATen/ATen.h>
#include <ATen/core/Reduction.h>
#include <ATen/native/LossMulti.h>

#include "csrc/core/check.h"
#include <lineshaft/frontend/formulas/losses.h>

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

// The loss of one sample is a mean over classes; `grad` is one number, or one a sample.
at::Tensor scale_of(T grad, int64_t samples, int64_t classes, int64_t reduction) {
  double norm = 1.0 / static_cast<double>(reduction == at::Reduction::Mean ? samples * classes : classes);
  return (reduction == at::Reduction::None ? grad.reshape({-1, 1}) : grad.reshape({1, 1})) * norm;
}

at::Tensor rows_of(T tensor) {
  return tensor.dim() < 2 ? tensor.reshape({1, -1}) : tensor;
}

// A margin that is no number costs nothing, as no comparison with 0 holds.
at::Tensor where_positive(T z) {
  return at::where(z.gt(0), z, 0);
}

// `losses` has one element a sample.
at::Tensor reduced(T losses, int64_t reduction, c10::IntArrayRef sizes) {
  if (reduction == at::Reduction::None) return losses.reshape(sizes);
  return reduction == at::Reduction::Mean ? losses.mean() : losses.sum();
}

void require_labels(T target) {
  TORCH_CHECK(target.scalar_type() == at::kLong, "expected scalar type Long but found ",
              c10::toString(target.scalar_type()));
}

void check_multi_margin(T self, T target, const at::Scalar& p, const OptionalTensor& weight) {
  TORCH_CHECK(p.toLong() == 1 || p.toLong() == 2, "only p == 1 and p == 2 supported");
  require_device(target, self.device(), "target");
  int64_t samples = 0, classes = 0, axes = self.dim();
  at::native::multi_margin_loss_shape_check(samples, classes, axes, self, target, weight);
  require_labels(target);
}

at::Tensor multi_margin(T self, T target, const at::Scalar& p, const at::Scalar& margin, const OptionalTensor& weight,
                        int64_t reduction) {
  check_multi_margin(self, target, p, weight);
  at::Tensor x = rows_of(self), t = target.reshape({-1, 1});
  at::Tensor z = where_positive(x - x.gather(1, t) + margin);
  if (p.toLong() == 2) z = z * z;
  if (present(weight)) z = z * weight->reshape({-1}).index_select(0, t.squeeze(1)).unsqueeze(1);
  return reduced(z.scatter(1, t, 0).mean(1), reduction, target.sizes());
}

at::Tensor multi_margin_backward(T grad, T self, T target, const at::Scalar& p, const at::Scalar& margin,
                                 const OptionalTensor& weight, int64_t reduction) {
  at::Tensor x = rows_of(self), t = target.reshape({-1, 1});
  at::Tensor z = x - x.gather(1, t) + margin;
  at::Tensor slope = (p.toLong() == 1 ? at::ones_like(z) : z * 2).masked_fill(z.le(0), 0);
  if (present(weight)) slope = slope * weight->reshape({-1}).index_select(0, t.squeeze(1)).unsqueeze(1);
  slope = slope.scatter(1, t, 0);
  slope = slope.scatter(1, t, slope.sum(1, true).neg());
  return (slope * scale_of(grad, x.size(0), x.size(1), reduction)).view(self.sizes());
}

// The labels of a row of `target` are the classes before its first -1.
at::Tensor is_label(T target) {
  return at::cumprod(target.ge(0).to(at::kLong), 1).ne(0);
}

// By how much [sample, label, class] falls short: every label should score higher by 1 than every class that is none.
at::Tensor shortfalls(T x, T chosen, T valid, T is_target) {
  at::Tensor z = where_positive(1 - x.gather(1, chosen).unsqueeze(2) + x.unsqueeze(1));
  return at::where(valid.unsqueeze(2).logical_and(is_target.eq(0).unsqueeze(1)), z, 0);
}

std::tuple<at::Tensor, at::Tensor> multilabel_margin(T self, T target, int64_t reduction) {
  require_device(target, self.device(), "target");
  int64_t samples = 0, classes = 0, axes = self.dim();
  at::native::multilabel_margin_loss_shape_check(samples, classes, axes, self, target);
  require_labels(target);
  at::Tensor x = rows_of(self), t = target.reshape(x.sizes());
  require_elements<frontend::formulas::is_class_or_end>(t, Requirement::kLabels, static_cast<double>(classes));
  at::Tensor valid = is_label(t), chosen = t.clamp(0, classes - 1);
  // What is no label marks one column more.
  at::Tensor marks = at::zeros({samples, classes + 1}, x.options());
  at::Tensor is_target = marks.scatter_(1, at::where(valid, chosen, classes), 1).narrow(1, 0, classes).contiguous();
  at::Tensor losses = shortfalls(x, chosen, valid, is_target).sum({1, 2}) / static_cast<double>(classes);
  bool one = self.dim() < 2;
  return {reduced(losses, reduction, one ? c10::IntArrayRef() : losses.sizes()), is_target.view(target.sizes())};
}

at::Tensor multilabel_margin_backward(T grad, T self, T target, int64_t reduction, T is_target) {
  if (self.numel() == 0) return at::empty_like(self);
  at::Tensor x = rows_of(self), t = target.reshape(x.sizes());
  at::Tensor valid = is_label(t), chosen = t.clamp(0, x.size(1) - 1);
  at::Tensor hits = shortfalls(x, chosen, valid, is_target.reshape(x.sizes())).gt(0).to(x.scalar_type());
  at::Tensor slope = hits.sum(1).scatter_add(1, chosen, hits.sum(2).neg());
  return (slope * scale_of(grad, x.size(0), x.size(1), reduction)).view(self.sizes());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&multi_margin, Dtypes::kAlike>(m, "multi_margin_loss");
  implement<&multilabel_margin, Dtypes::kAlike>(m, "multilabel_margin_loss_forward");
  implement<&multi_margin_backward, Dtypes::kAlike>(m, "multi_margin_loss_backward");
  implement<&multilabel_margin_backward, Dtypes::kAlike>(m, "multilabel_margin_loss_backward");
}

}  // namespace
}  // namespace lineshaft::torch
