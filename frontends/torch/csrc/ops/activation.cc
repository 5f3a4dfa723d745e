// Activations and their gradients: a line each that names its formula.
#include <ATen/WrapDimUtils.h>

#include "csrc/core/limits.h"
#include "csrc/core/pointwise.h"
#include "csrc/core/torch_version.h"
#include "csrc/ops/clamp.h"
#include <lineshaft/frontend/formulas/activation.h>

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;
using S = const at::Scalar&;

at::Tensor logit_backward(T grad, T self, std::optional<double> eps) {
  at::Tensor out = shape_of(grad, self).make();
  double outside = eps.has_value() ? 0.0 : std::numeric_limits<double>::quiet_NaN();
  pointwise<formulas::logit_grad>(out, grad, self, c10::Scalar(eps.value_or(0)), c10::Scalar(outside));
  return out;
}

// The result has the operand's sign, so that the gradient is the same of either.
constexpr auto leaky_relu_grad = [](Expr g, Expr x, Expr slope, Expr /*is_result*/) {
  return formulas::leaky_relu_grad(g, x, slope);
};

bool uses_tanh(c10::string_view approximate) {
  TORCH_CHECK(approximate == "none" || approximate == "tanh", "approximate argument must be either none or tanh.");
  return approximate == "tanh";
}

// One formula of two, by gelu's `approximate`.
template <auto exact, auto by_tanh, class... Tensors>
struct Gelu {
  static at::Tensor functional(Tensors... tensors, c10::string_view approximate) {
    return uses_tanh(approximate) ? Pointwise<by_tanh, true, at::Tensor(Tensors...)>::functional(tensors...)
                                  : Pointwise<exact, true, at::Tensor(Tensors...)>::functional(tensors...);
  }
  static at::Tensor& out(Tensors... tensors, c10::string_view approximate, at::Tensor& out) {
    return uses_tanh(approximate) ? Pointwise<by_tanh, true, at::Tensor(Tensors...)>::out(tensors..., out)
                                  : Pointwise<exact, true, at::Tensor(Tensors...)>::out(tensors..., out);
  }
};

// The second result is scratch that the CPU saves for the gradient; here it is recomputed.
std::tuple<at::Tensor, at::Tensor> log_sigmoid_forward(T self) {
  return {Pointwise<formulas::log_sigmoid, true, at::Tensor(T)>::functional(self),
          empty({0}, self.scalar_type(), self.device().index())};
}
std::tuple<at::Tensor&, at::Tensor&> log_sigmoid_out(T self, at::Tensor& out, at::Tensor& buffer) {
  Pointwise<formulas::log_sigmoid, true, at::Tensor(T)>::out(self, out);
  resize_out(buffer, buffer.sizes(), self.scalar_type());
  return {out, buffer};
}
at::Tensor log_sigmoid_backward(T grad, T self, T /*buffer*/) {
  return Pointwise<formulas::log_sigmoid_grad, true, at::Tensor(T, T)>::functional(grad, self);
}

at::Tensor prelu_forward(T self, T weight) {
  return Pointwise<formulas::prelu, true, at::Tensor(T, T)>::functional(self, weight);
}
std::tuple<at::Tensor, at::Tensor> prelu_backward(T grad, T self, T weight) {
  at::Tensor grad_self = torch::empty_like(self), grad_weight = torch::empty_like(self);
  pointwise<formulas::prelu_grad>(grad_self, grad, self, weight);
  pointwise<formulas::prelu_slope_grad>(grad_weight, grad, self);
  return {grad_self, grad_weight};
}

void require_limit(T self, const at::Scalar& limit) {
  require_floating(shape_of(self));
  double most = largest_number(self.scalar_type()), value = limit.toDouble();
  TORCH_CHECK(value >= 0 && value <= most, "lambda must be in range [0, ", most, "] for input dtype ",
              c10::toString(self.scalar_type()), ", but found ", value);
}
using Softshrink = Pointwise<formulas::softshrink, true, at::Tensor(T, S)>;
at::Tensor softshrink_checked(T self, S limit) {
  require_limit(self, limit);
  return Softshrink::functional(self, limit);
}
at::Tensor& softshrink_out(T self, S limit, at::Tensor& out) {
  require_limit(self, limit);
  return Softshrink::out(self, limit, out);
}

using Hardshrink = Pointwise<formulas::hardshrink, true, at::Tensor(T, S)>;
at::Tensor hardshrink_checked(T self, S limit) {
  require_floating(shape_of(self));
  stored_argument(limit, dtype_of(self.scalar_type()));
  return Hardshrink::functional(self, limit);
}
at::Tensor& hardshrink_out(T self, S limit, at::Tensor& out) {
  require_floating(shape_of(self));
  stored_argument(limit, dtype_of(self.scalar_type()));
  return Hardshrink::out(self, limit, out);
}

using Hardtanh = Pointwise<formulas::hardtanh, false, at::Tensor(T, S, S)>;

// The limits as numbers of the tensor's kind.
std::pair<at::Scalar, at::Scalar> limits(T self, S low, S high) {
  LINESHAFT_CHECK_NOT_BOOL(self.scalar_type() != at::kBool, "Bool inputs not supported for hardtanh");
#if LINESHAFT_TORCH_FROM(15)
  if (c10::isIntegralType(self.scalar_type(), false))
    return {bound_for(self, low.to<int64_t>(), Side::kLow), bound_for(self, high.to<int64_t>(), Side::kHigh)};
#else
  bool negative = low.toDouble() < 0 || high.toDouble() < 0;
  TORCH_CHECK(self.scalar_type() != at::kByte || !negative,
              "cannot do hardtanh on an unsigned type with negative limits");
#endif
  return {low, high};
}
at::Tensor hardtanh_checked(T self, S low, S high) {
  auto [from, to] = limits(self, low, high);
  return Hardtanh::functional(self, from, to);
}
at::Tensor& hardtanh_out(T self, S low, S high, at::Tensor& out) {
  auto [from, to] = limits(self, low, high);
  return Hardtanh::out(self, from, to, out);
}
at::Tensor& hardtanh_in_place(at::Tensor& self, S low, S high) {
  auto [from, to] = limits(self, low, high);
  return Hardtanh::in_place(self, from, to);
}

// PyTorch's takes its tensor twice, and so casts to `out`.
constexpr auto threshold_of = [](Expr x, Expr /*same*/, Expr limit, Expr value) {
  return formulas::threshold(x, limit, value);
};
at::Tensor& threshold_out(T self, S limit, S value, at::Tensor& out) {
  return Pointwise<threshold_of, false, at::Tensor(T, T, S, S)>::out(self, self, limit, value, out);
}

std::pair<at::Tensor, at::Tensor> halves(T tensor, int64_t dim) {
  TORCH_CHECK(tensor.dim() > 0, "glu does not support 0-dimensional tensors");
  dim = at::maybe_wrap_dim(dim, tensor.dim());
  int64_t size = tensor.size(dim);
  TORCH_CHECK(size % 2 == 0, "Halving dimension must be even, but dimension ", dim, " is size ", size);
  return {tensor.narrow(dim, 0, size / 2), tensor.narrow(dim, size / 2, size / 2)};
}
at::Tensor glu(T self, int64_t dim) {
  auto [a, b] = halves(self, dim);
  return Pointwise<formulas::glu, true, at::Tensor(T, T)>::functional(a, b);
}
at::Tensor& glu_out(T self, int64_t dim, at::Tensor& out) {
  auto [a, b] = halves(self, dim);
  return Pointwise<formulas::glu, true, at::Tensor(T, T)>::out(a, b, out);
}
at::Tensor glu_backward(T grad, T self, int64_t dim) {
  at::Tensor result = empty(self.sizes(), self.scalar_type(), self.device().index());
  auto [a, b] = halves(self, dim);
  auto [grad_a, grad_b] = halves(result, dim);
  pointwise<formulas::glu_grad_a>(grad_a, grad, b);
  pointwise<formulas::glu_grad_b>(grad_b, grad, a, b);
  return result;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using Unary = at::Tensor(T);
  using Binary = at::Tensor(T, T);
  implement_pointwise<formulas::silu, Unary>(m, {"silu", "silu.out", "silu_"});
  implement_pointwise<formulas::silu_grad, Binary>(m, {"silu_backward", "silu_backward.grad_input"});
  implement_pointwise<formulas::mish, Unary>(m, {"mish", "mish.out", "mish_"});
  implement_pointwise<formulas::mish_grad, Binary>(m, {"mish_backward"});
  implement_pointwise<formulas::sigmoid_grad, Binary>(m, {"sigmoid_backward", "sigmoid_backward.grad_input"});
  implement_pointwise<formulas::tanh_grad, Binary>(m, {"tanh_backward", "tanh_backward.grad_input"});
  implement_pointwise<formulas::threshold, at::Tensor(T, S, S), false>(m, {"threshold", nullptr, "threshold_"});
  implement<&threshold_out>(m, "threshold.out");
  implement_pointwise<formulas::threshold_grad, at::Tensor(T, T, S), false>(
      m, {"threshold_backward", "threshold_backward.grad_input"});
  implement_pointwise<formulas::leaky_relu, at::Tensor(T, S)>(m, {"leaky_relu", "leaky_relu.out", "leaky_relu_"});
  implement_pointwise<leaky_relu_grad, at::Tensor(T, T, S, bool)>(
      m, {"leaky_relu_backward", "leaky_relu_backward.grad_input"});
  implement_pointwise<formulas::elu, at::Tensor(T, S, S, S)>(m, {"elu", "elu.out", "elu_"});
  implement_pointwise<formulas::elu_grad, at::Tensor(T, S, S, S, bool, T)>(m,
                                                                           {"elu_backward", "elu_backward.grad_input"});
  implement_pointwise<formulas::softplus, at::Tensor(T, S, S)>(m, {"softplus", "softplus.out"});
  implement_pointwise<formulas::softplus_grad, at::Tensor(T, T, S, S)>(
      m, {"softplus_backward", "softplus_backward.grad_input"});
  implement<&hardtanh_checked>(m, "hardtanh");
  implement<&hardtanh_out>(m, "hardtanh.out");
  implement<&hardtanh_in_place>(m, "hardtanh_");
  implement_pointwise<formulas::hardtanh_grad, at::Tensor(T, T, S, S)>(
      m, {"hardtanh_backward", "hardtanh_backward.grad_input"});
  implement_pointwise<formulas::hardswish, Unary>(m, {"hardswish", "hardswish.out", "hardswish_"});
  implement_pointwise<formulas::hardswish_grad, Binary>(m, {"hardswish_backward"});
  implement_pointwise<formulas::hardsigmoid, Unary>(m, {"hardsigmoid", "hardsigmoid.out", "hardsigmoid_"});
  implement_pointwise<formulas::hardsigmoid_grad, Binary>(m,
                                                          {"hardsigmoid_backward", "hardsigmoid_backward.grad_input"});
  implement<&hardshrink_checked>(m, "hardshrink");
  implement<&hardshrink_out>(m, "hardshrink.out");
  implement_pointwise<formulas::shrink_grad, at::Tensor(T, T, S)>(
      m, {"hardshrink_backward", "hardshrink_backward.grad_input"});
  implement<&softshrink_checked>(m, "softshrink");
  implement<&softshrink_out>(m, "softshrink.out");
  implement_pointwise<formulas::shrink_grad, at::Tensor(T, T, S)>(
      m, {"softshrink_backward", "softshrink_backward.grad_input"});
  implement<&Gelu<formulas::gelu_erf, formulas::gelu_tanh, T>::functional>(m, "gelu");
  implement<&Gelu<formulas::gelu_erf, formulas::gelu_tanh, T>::out>(m, "gelu.out");
  implement<&Gelu<formulas::gelu_erf_grad, formulas::gelu_tanh_grad, T, T>::functional>(m, "gelu_backward");
  implement<&Gelu<formulas::gelu_erf_grad, formulas::gelu_tanh_grad, T, T>::out>(m, "gelu_backward.grad_input");
  implement<&log_sigmoid_forward>(m, "log_sigmoid_forward");
  implement<&log_sigmoid_out>(m, "log_sigmoid_forward.output");
  implement<&log_sigmoid_backward, Dtypes::kAlike>(m, "log_sigmoid_backward");
  implement<&logit_backward>(m, "logit_backward");
  implement<&prelu_forward, Dtypes::kAlike>(m, "_prelu_kernel");
  implement<&prelu_backward, Dtypes::kAlike>(m, "_prelu_kernel_backward");
  implement<&glu>(m, "glu");
  implement<&glu_out>(m, "glu.out");
  implement<&glu_backward, Dtypes::kAlike>(m, "glu_backward");
}

}  // namespace
}  // namespace lineshaft::torch
