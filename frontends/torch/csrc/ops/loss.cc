// Elementwise losses with a reduction: how the elements of a formula are summed.
#include <ATen/core/Reduction.h>

#include "csrc/core/check.h"
#include <lineshaft/frontend/formulas/losses.h>
#include <lineshaft/frontend/formulas/random.h>
#include <lineshaft/frontend/losses.h>

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

// out = sum of formula(arguments...), over the number of elements if `mean`; summed in the accumulator's type.
template <auto formula, class... A>
void reduce_formula(const at::Tensor& out, const PointwiseShape& shape, bool mean, const A&... arguments) {
  using namespace pointwise_detail;
  DType type = dtype_of(shape.type), compute = compute_type(type);
  Operands operands(type);
  (operands.add(arguments), ...);
  c10::SmallVector<TensorView, 4> inputs;
  for (const at::Tensor* tensor : operands.tensors) inputs.push_back(view_of(*tensor, shape.sizes));
  ProgramRef elements = program_of<formula>(type, compute, compute, arguments...);
  frontend::record_loss(stream_of(out), elements, {inputs.data(), inputs.size()},
                        {operands.scalars.data(), operands.scalars.size()}, mean, view_of(out));
}

template <auto formula, class... A>
at::Tensor loss(int64_t reduction, const A&... arguments) {
  PointwiseShape shape = shape_of(arguments...);
  require_floating(shape);
  if (reduction != at::Reduction::Mean && reduction != at::Reduction::Sum) {
    at::Tensor elements = shape.make();
    pointwise<formula>(elements, arguments...);
    return elements;
  }
  at::Tensor result = empty({}, shape.type, shape.tensors[0]->device().index());
  if (shape.sizes.size() <= kMaxRank) {
    reduce_formula<formula>(result, shape, reduction == at::Reduction::Mean, arguments...);
  } else {
    at::Tensor elements = shape.make();
    pointwise<formula>(elements, arguments...);
    result.copy_(reduction == at::Reduction::Mean ? elements.mean() : elements.sum());
  }
  return result;
}

double norm_of(T self, int64_t reduction) {
  return frontend::loss_norm(self.numel(), reduction == at::Reduction::Mean);
}

// The gradient has the sizes of all operands together, and the dtype of the input.
template <auto formula, class... A>
at::Tensor loss_grad(T grad, T self, T target, const A&... rest) {
  at::Tensor out = shape_of(self, target).make();
  pointwise<formula>(out, grad, self, target, c10::Scalar(rest)...);
  return out;
}

void require_reduction(int64_t reduction) {
  TORCH_CHECK(reduction >= at::Reduction::None && reduction < at::Reduction::END, "a reduction is ",
              int{at::Reduction::None}, " (none), ", int{at::Reduction::Mean}, " (mean) or ", int{at::Reduction::Sum},
              " (sum); got ", reduction);
}

at::Tensor mse_loss(T self, T target, int64_t reduction) {
  require_reduction(reduction);
  return loss<formulas::mse_loss>(reduction, self, target);
}
at::Tensor& mse_loss_out(T self, T target, int64_t reduction, at::Tensor& out) {
  return store_out(torch::mse_loss(self, target, reduction), out, Stored::kCast);
}
at::Tensor mse_loss_backward(T grad, T self, T target, int64_t reduction) {
  return loss_grad<formulas::mse_loss_grad>(grad, self, target, norm_of(self, reduction));
}

at::Tensor smooth_l1_loss(T self, T target, int64_t reduction, double beta) {
  require_reduction(reduction);
  TORCH_CHECK(beta >= 0, "smooth_l1_loss does not support negative values for beta.");
  return loss<formulas::smooth_l1_loss>(reduction, self, target, c10::Scalar(beta));
}
at::Tensor& smooth_l1_loss_out(T self, T target, int64_t reduction, double beta, at::Tensor& out) {
  return store_out(torch::smooth_l1_loss(self, target, reduction, beta), out, Stored::kCast);
}
at::Tensor& smooth_l1_loss_backward_out(T grad, T self, T target, int64_t reduction, double beta, at::Tensor& out) {
  PointwiseShape shape = shape_of(self, target, grad);
  resize_result(out, shape_of(self, target).sizes, shape.type, Stored::kCast, {&self, &target, &grad});
  pointwise_in<formulas::smooth_l1_loss_grad>(shape.type, out, grad, self, target, c10::Scalar(beta),
                                              c10::Scalar(norm_of(self, reduction)));
  return out;
}

// The loss is computed in the common dtype, and stored in the input's, or in that of `out`.
at::Tensor huber_loss(T self, T target, int64_t reduction, double delta) {
  TORCH_CHECK(delta > 0, "huber_loss does not support non-positive values for delta.");
  require_castable(shape_of(self, target).type, self);
  return loss<formulas::huber_loss>(reduction, self, target, c10::Scalar(delta)).to(self.scalar_type());
}
at::Tensor& huber_loss_out(T self, T target, int64_t reduction, double delta, at::Tensor& out) {
  TORCH_CHECK(delta > 0, "huber_loss does not support non-positive values for delta.");
  return store_out(loss<formulas::huber_loss>(reduction, self, target, c10::Scalar(delta)), out, Stored::kCast);
}
at::Tensor& huber_loss_backward_out(T grad, T self, T target, int64_t reduction, double delta, at::Tensor& out) {
  for (const at::Tensor* each : {&self, &target, &grad})
    TORCH_CHECK(each->scalar_type() == out.scalar_type(), "Found dtype ", c10::toString(each->scalar_type()),
                " but expected ", c10::toString(out.scalar_type()),
                ": the gradient of huber_loss takes tensors of one dtype; convert them with .to(dtype)");
  PointwiseShape shape = shape_of(self, target);
  resize_result(out, shape.sizes, shape.type, Stored::kExactly, {&self, &target, &grad});
  pointwise<formulas::huber_loss_grad>(out, grad, self, target, c10::Scalar(delta),
                                       c10::Scalar(norm_of(self, reduction)));
  return out;
}

void require_probabilities(T self, T target) {
  TORCH_CHECK(target.scalar_type() == self.scalar_type(), "Found dtype ", c10::toString(target.scalar_type()),
              " but expected ", c10::toString(self.scalar_type()));
  constexpr auto inside = [](Expr x, Expr) { return formulas::is_probability(x); };
  require_elements<inside>(self, Requirement::kUnitInput);
  require_elements<inside>(target, Requirement::kUnitTarget);
}

at::Tensor binary_cross_entropy(T self, T target, const OptionalTensor& weight, int64_t reduction) {
  require_probabilities(self, target);
  if (present(weight))
    return loss<formulas::weighted_binary_cross_entropy>(reduction, self, target, *weight).to(self.scalar_type());
  return loss<formulas::binary_cross_entropy>(reduction, self, target);
}
at::Tensor& binary_cross_entropy_out(T self, T target, const OptionalTensor& weight, int64_t reduction,
                                     at::Tensor& out) {
  return store_out(torch::binary_cross_entropy(self, target, weight, reduction), out);
}
at::Tensor binary_cross_entropy_backward(T grad, T self, T target, const OptionalTensor& weight, int64_t reduction) {
  for (const at::Tensor* other : {&grad, &target})
    TORCH_CHECK(other->scalar_type() == self.scalar_type(), "Found dtype ", c10::toString(other->scalar_type()),
                " but expected ", c10::toString(self.scalar_type()));
  double norm = norm_of(self, reduction);
  if (!weight.has_value() || !weight->defined())
    return loss_grad<formulas::binary_cross_entropy_grad>(grad, self, target, norm);
  at::Tensor out = shape_of(self, target).make();
  pointwise<formulas::weighted_binary_cross_entropy_grad>(out, grad, self, target, *weight, c10::Scalar(norm));
  return out;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&mse_loss>(m, "mse_loss");
  implement<&mse_loss_out>(m, "mse_loss.out");
  implement<&mse_loss_backward>(m, "mse_loss_backward");
  implement<&smooth_l1_loss>(m, "smooth_l1_loss");
  implement<&smooth_l1_loss_out>(m, "smooth_l1_loss.out");
  implement<&smooth_l1_loss_backward_out>(m, "smooth_l1_loss_backward.grad_input");
  implement<&huber_loss>(m, "huber_loss");
  implement<&huber_loss_out>(m, "huber_loss.out");
  implement<&huber_loss_backward_out>(m, "huber_loss_backward.out");
  implement<&binary_cross_entropy>(m, "binary_cross_entropy");
  implement<&binary_cross_entropy_out>(m, "binary_cross_entropy.out");
  implement<&binary_cross_entropy_backward>(m, "binary_cross_entropy_backward");
}

}  // namespace
}  // namespace lineshaft::torch
