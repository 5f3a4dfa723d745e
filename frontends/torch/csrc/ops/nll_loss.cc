// Negative log likelihood over classes, for [C], [N, C] and [N, C, H, W]. The forward pass gathers each sample's class,
// so that the device finds a target out of range; the backward pass is one map.
#include <ATen/core/Reduction.h>
#include <ATen/ops/nll_loss_backward_meta.h>
#include <ATen/ops/nll_loss_forward_meta.h>

#include "csrc/core/map.h"
#include "csrc/core/structured.h"
#include <lineshaft/frontend/formulas/nll_loss.h>
#include <lineshaft/frontend/nll_loss.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;
using formulas::NllPart;

namespace {

int class_axis(const at::Tensor& scores) {
  return scores.dim() == 1 ? 0 : 1;
}

// `base` on an axis of classes, at `target`.
at::Tensor pick(const at::Tensor& base, int axis, const at::Tensor& target) {
  at::Tensor picked = empty(target.sizes(), base.scalar_type(), base.device().index());
  frontend::record_nll_picked(stream_of(base), view_of(base), axis, view_of(target), view_of(picked));
  return picked;
}

// `target` as indices, with class 0 in place of what is ignored.
at::Tensor considered(const at::Tensor& target, int64_t ignore_index) {
  at::Tensor result = empty(target.sizes(), at::kLong, target.device().index());
  frontend::record_nll_classes(stream_of(result), view_of(target), ignore_index, view_of(result));
  return result;
}

void forward(const at::Tensor& scores, const at::Tensor& target, const OptionalTensor& weight, int64_t reduction,
             int64_t ignore_index, const at::Tensor& out, const at::Tensor& total_weight) {
  DType type = dtype_of(scores.scalar_type()), target_type = dtype_of(target.scalar_type());
  bool weighted = present(weight);
  require_device(target, scores.device(), "target");
  require_floats("nll_loss", scores);
  at::Tensor considered_target = considered(target, ignore_index);
  at::Tensor score = pick(scores, class_axis(scores), considered_target);
  at::Tensor sample_weight;
  if (weighted) sample_weight = pick(contiguous(*weight), 0, considered_target);
  if (reduction == at::Reduction::None) {
    ProgramRef program = formulas::nll_sample_program(NllPart::kLoss, target_type, type, weighted, type);
    lineshaft::Scalar args[] = {lineshaft::Scalar::of(ignore_index)};
    if (weighted)
      record_map(program, {&out}, {&target, &score, &sample_weight}, args);
    else
      record_map(program, {&out}, {&target, &score}, args);
    total_weight.zero_();
    return;
  }
  at::Tensor total = empty({}, scalar_type_of(compute_type(type)), scores.device().index());
  bool exact = total.scalar_type() == total_weight.scalar_type();
  if (exact) total = total_weight;
  frontend::record_nll_loss(stream_of(out), {view_of(target), view_of(score), view_of(sample_weight)}, ignore_index,
                            reduction == at::Reduction::Mean, view_of(out), view_of(total),
                            exact ? TensorView{} : view_of(total_weight));
}

// grad_input[n, c, ...] = c == target[n, ...] and not ignored ? -weight[c] * grad / divisor : 0
void backward(const at::Tensor& grad_output, const at::Tensor& scores, const at::Tensor& target,
              const OptionalTensor& weight, int64_t reduction, int64_t ignore_index, const at::Tensor& total_weight,
              const at::Tensor& grad_input) {
  DType type = dtype_of(scores.scalar_type()), target_type = dtype_of(target.scalar_type());
  bool weighted = present(weight), mean = reduction == at::Reduction::Mean;
  int axis = class_axis(scores);
  ProgramRef program = formulas::nll_grad_program(target_type, type, weighted, mean, axis);
  auto spread = [&](const at::Tensor& tensor) {
    return scores.dim() == 1 ? tensor : tensor.dim() ? tensor.unsqueeze(1) : tensor;
  };
  at::Tensor target_view = spread(target), grad_view = spread(grad_output), weight_view;
  std::vector<const at::Tensor*> inputs{&target_view, &grad_view};
  if (weighted) {
    weight_view = *weight;
    for (int64_t i = axis + 1; i < scores.dim(); ++i) weight_view = weight_view.unsqueeze(-1);
    inputs.push_back(&weight_view);
  }
  if (mean) inputs.push_back(&total_weight);
  lineshaft::Scalar args[] = {lineshaft::Scalar::of(ignore_index)};
  const at::Tensor* outputs[] = {&grad_input};
  record_map(program, Tensors(outputs), Tensors(inputs), args);
}

void nll_loss(Results out, const at::Tensor& self, const at::Tensor& target, const OptionalTensor& weight,
              int64_t reduction, int64_t ignore_index) {
  forward(self, target, weight, reduction, ignore_index, out[0], out[1]);
}

void nll_loss_backward(Results out, const at::Tensor& grad_output, const at::Tensor& self, const at::Tensor& target,
                       const OptionalTensor& weight, int64_t reduction, int64_t ignore_index,
                       const at::Tensor& total_weight) {
  backward(grad_output, self, target, weight, reduction, ignore_index, total_weight, out[0]);
}

std::tuple<at::Tensor, at::Tensor> nll_loss2d(const at::Tensor& self, const at::Tensor& target,
                                              const OptionalTensor& weight, int64_t reduction, int64_t ignore_index) {
  TORCH_CHECK(target.dim() == 3,
              "only batches of spatial targets supported (3D tensors) but got targets of dimension: ", target.dim());
  TORCH_CHECK(self.dim() == 4,
              "only batches of spatial inputs supported (4D tensors), but got input of dimension: ", self.dim());
  TORCH_CHECK(self.size(0) == target.size(0) && self.size(2) == target.size(1) && self.size(3) == target.size(2),
              "size mismatch (got input: ", self.sizes(), " , target: ", target.sizes());
  TORCH_CHECK(!present(weight) || weight->numel() == self.size(1),
              "weight tensor should be defined either for all or no classes");
  auto device = self.device().index();
  at::Tensor out =
      empty(reduction == at::Reduction::None ? target.sizes() : c10::IntArrayRef{}, self.scalar_type(), device);
  at::Tensor total_weight = empty({}, self.scalar_type(), device);
  forward(self, target, weight, reduction, ignore_index, out, total_weight);
  return {out, total_weight};
}

at::Tensor nll_loss2d_backward(const at::Tensor& grad_output, const at::Tensor& self, const at::Tensor& target,
                               const OptionalTensor& weight, int64_t reduction, int64_t ignore_index,
                               const at::Tensor& total_weight) {
  at::Tensor grad_input = torch::empty_like(self);
  backward(grad_output, self, target, weight, reduction, ignore_index, total_weight, grad_input);
  return grad_input;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement_structured<structured_nll_loss_forward, 2, &nll_loss, Dtypes::kAlike>(m, "nll_loss_forward",
                                                                                  "nll_loss_forward.output");
  implement_structured<structured_nll_loss_backward, 1, &nll_loss_backward, Dtypes::kAlike>(
      m, "nll_loss_backward", "nll_loss_backward.grad_input");
  implement<&nll_loss2d, Dtypes::kAlike>(m, "nll_loss2d_forward");
  implement<&nll_loss2d_backward, Dtypes::kAlike>(m, "nll_loss2d_backward");
}

}  // namespace
}  // namespace lineshaft::torch
