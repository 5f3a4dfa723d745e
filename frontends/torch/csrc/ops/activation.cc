// Activations and their gradients: a formula each, a line each to register it.
#include <ATen/WrapDimUtils.h>

#include "csrc/core/limits.h"
#include "csrc/core/pointwise.h"
#include "csrc/core/torch_version.h"
#include "csrc/ops/clamp.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;
using S = const at::Scalar&;

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kTwoOverSqrtPi = 1.12837916709551257390;
constexpr double kGeluBeta = 2 * kSqrtHalf * kTwoOverSqrtPi * 0.5;
constexpr double kGeluKappa = 0.044715;

Expr logistic(Expr x) {
  return 1.0 / (1.0 + exp(-x));
}
Expr inside(Expr x, Expr low, Expr high) {
  return (low <= x) & (x <= high);
}
Expr clamp(Expr x, double low, double high) {
  return min(max(x, low), high);
}

constexpr auto gelu_exact = [](Expr x) { return x * 0.5 * (1.0 + erf(x * kSqrtHalf)); };
constexpr auto gelu_tanh = [](Expr x) { return 0.5 * x * (1.0 + tanh(kGeluBeta * (x + kGeluKappa * (x * x * x)))); };
constexpr auto gelu_exact_grad = [](Expr g, Expr x) {
  Expr below = 0.5 * (1.0 + erf(x * kSqrtHalf));
  Expr density = exp(-0.5 * (x * x)) * (kTwoOverSqrtPi * kSqrtHalf * 0.5);
  return g * (below + x * density);
};
constexpr auto gelu_tanh_grad = [](Expr g, Expr x) {
  Expr t = tanh(kGeluBeta * (x + kGeluKappa * (x * x * x)));
  Expr slope = kGeluBeta * (1.0 + 3 * kGeluKappa * (x * x));
  return g * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * slope);
};

constexpr auto silu = [](Expr x) { return x / (1.0 + exp(-x)); };
constexpr auto silu_grad = [](Expr g, Expr x) {
  Expr s = logistic(x);
  return g * s * (1.0 + x * (1.0 - s));
};
constexpr auto mish = [](Expr x) { return x * tanh(log1p(exp(x))); };
constexpr auto mish_grad = [](Expr g, Expr x) {
  Expr t = tanh(log1p(exp(x)));
  return g * (t + x * logistic(x) * (1.0 - t * t));
};
constexpr auto sigmoid_grad = [](Expr g, Expr y) { return g * (1.0 - y) * y; };
constexpr auto tanh_grad = [](Expr g, Expr y) { return g * (1.0 - y * y); };

constexpr auto threshold = [](Expr x, Expr limit, Expr value) { return select(x <= limit, value, x); };
constexpr auto threshold_grad = [](Expr g, Expr x, Expr limit) { return select(x <= limit, 0.0, g); };
constexpr auto leaky_relu = [](Expr x, Expr slope) { return select(x > 0.0, x, x * slope); };
constexpr auto leaky_relu_grad = [](Expr g, Expr x, Expr slope, Expr) { return select(x > 0.0, g, g * slope); };
constexpr auto prelu = [](Expr x, Expr slope) { return select(x > 0.0, x, x * slope); };

constexpr auto elu = [](Expr x, Expr alpha, Expr scale, Expr input_scale) {
  return select(x <= 0.0, expm1(x * input_scale) * (alpha * scale), x * scale);
};
constexpr auto elu_grad = [](Expr g, Expr alpha, Expr scale, Expr input_scale, Expr is_result, Expr x) {
  Expr steep = alpha * scale;
  Expr by_result = g * input_scale * (x + steep), by_input = g * input_scale * steep * exp(x * input_scale);
  return select(x > 0.0, g * scale, select(is_result != 0.0, by_result, by_input));
};
constexpr auto softplus = [](Expr x, Expr beta, Expr limit) {
  return select(x * beta > limit, x, log1p(exp(x * beta)) / beta);
};
constexpr auto softplus_grad = [](Expr g, Expr x, Expr beta, Expr limit) {
  Expr z = exp(x * beta);
  return select(x * beta > limit, g, g * z / (z + 1.0));
};

constexpr auto hardtanh = [](Expr x, Expr low, Expr high) { return min(high, max(low, x)); };
constexpr auto hardtanh_grad = [](Expr g, Expr x, Expr low, Expr high) {
  return select((low < x) & (x < high), g, 0.0);
};
constexpr auto hardswish = [](Expr x) { return x * clamp(x + 3.0, 0, 6) / 6.0; };
constexpr auto hardswish_grad = [](Expr g, Expr x) {
  return select(x <= -3.0, 0.0, select(x < 3.0, g * (x / 3.0 + 0.5), g));
};
constexpr auto hardsigmoid = [](Expr x) { return clamp(x + 3.0, 0, 6) / 6.0; };
constexpr auto hardsigmoid_grad = [](Expr g, Expr x) { return select((x > -3.0) & (x < 3.0), g / 6.0, 0.0); };
constexpr auto hardshrink = [](Expr x, Expr limit) { return select(inside(x, -limit, limit), 0.0, x); };
constexpr auto softshrink = [](Expr x, Expr limit) {
  Expr inside = select(is_nan(x), x, copysign(literal_like(x, 0.0), x));
  return select(x > limit, x - limit, select(x < -limit, x + limit, inside));
};
constexpr auto shrink_grad = [](Expr g, Expr x, Expr limit) { return select((x < -limit) | (limit < x), g, 0.0); };

constexpr auto log_sigmoid = [](Expr x) { return min(x, 0.0) - log1p(exp(-abs(x))); };
constexpr auto log_sigmoid_grad = [](Expr g, Expr x) {
  Expr z = exp(-abs(x));
  Expr share = z / (1.0 + z);
  return g * select(x < 0.0, 1.0 - share, share);
};
constexpr auto logistic_gate = [](Expr a, Expr b) { return a * logistic(b); };
constexpr auto logistic_gate_grad_a = [](Expr g, Expr b) { return g * logistic(b); };
constexpr auto logistic_gate_grad_b = [](Expr g, Expr a, Expr b) {
  Expr s = logistic(b);
  return (1.0 - s) * s * g * a;
};
constexpr auto prelu_weight_grad = [](Expr g, Expr x) { return select(x > 0.0, 0.0, x * g); };

// Without eps a value outside 0..1 has no logit, hence no slope; with it logit is flat there.
constexpr auto logit_grad = [](Expr g, Expr x, Expr low, Expr outside) {
  return select((x < low) | (x > 1.0 - low), outside, g / (x * (1.0 - x)));
};
at::Tensor logit_backward(T grad, T self, std::optional<double> eps) {
  at::Tensor out = shape_of(grad, self).make();
  double outside = eps.has_value() ? 0.0 : std::numeric_limits<double>::quiet_NaN();
  pointwise<logit_grad>(out, grad, self, c10::Scalar(eps.value_or(0)), c10::Scalar(outside));
  return out;
}

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
  return {Pointwise<log_sigmoid, true, at::Tensor(T)>::functional(self),
          empty({0}, self.scalar_type(), self.device().index())};
}
std::tuple<at::Tensor&, at::Tensor&> log_sigmoid_out(T self, at::Tensor& out, at::Tensor& buffer) {
  Pointwise<log_sigmoid, true, at::Tensor(T)>::out(self, out);
  resize_out(buffer, buffer.sizes(), self.scalar_type());
  return {out, buffer};
}
at::Tensor log_sigmoid_backward(T grad, T self, T /*buffer*/) {
  return Pointwise<log_sigmoid_grad, true, at::Tensor(T, T)>::functional(grad, self);
}

at::Tensor prelu_forward(T self, T weight) {
  return Pointwise<prelu, true, at::Tensor(T, T)>::functional(self, weight);
}
std::tuple<at::Tensor, at::Tensor> prelu_backward(T grad, T self, T weight) {
  at::Tensor grad_self = torch::empty_like(self), grad_weight = torch::empty_like(self);
  pointwise<[](Expr g, Expr x, Expr w) { return select(x > 0.0, g, w * g); }>(grad_self, grad, self, weight);
  pointwise<prelu_weight_grad>(grad_weight, grad, self);
  return {grad_self, grad_weight};
}

void require_limit(T self, const at::Scalar& limit) {
  require_floating(shape_of(self));
  double most = largest_number(self.scalar_type()), value = limit.toDouble();
  TORCH_CHECK(value >= 0 && value <= most, "lambda must be in range [0, ", most, "] for input dtype ",
              c10::toString(self.scalar_type()), ", but found ", value);
}
using Softshrink = Pointwise<softshrink, true, at::Tensor(T, S)>;
at::Tensor softshrink_checked(T self, S limit) {
  require_limit(self, limit);
  return Softshrink::functional(self, limit);
}
at::Tensor& softshrink_out(T self, S limit, at::Tensor& out) {
  require_limit(self, limit);
  return Softshrink::out(self, limit, out);
}

using Hardshrink = Pointwise<hardshrink, true, at::Tensor(T, S)>;
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

using Hardtanh = Pointwise<hardtanh, false, at::Tensor(T, S, S)>;

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
constexpr auto threshold_of = [](Expr x, Expr same, Expr limit, Expr value) { return select(x <= limit, value, same); };
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
  return Pointwise<logistic_gate, true, at::Tensor(T, T)>::functional(a, b);
}
at::Tensor& glu_out(T self, int64_t dim, at::Tensor& out) {
  auto [a, b] = halves(self, dim);
  return Pointwise<logistic_gate, true, at::Tensor(T, T)>::out(a, b, out);
}
at::Tensor glu_backward(T grad, T self, int64_t dim) {
  at::Tensor result = empty(self.sizes(), self.scalar_type(), self.device().index());
  auto [a, b] = halves(self, dim);
  auto [grad_a, grad_b] = halves(result, dim);
  pointwise<logistic_gate_grad_a>(grad_a, grad, b);
  pointwise<logistic_gate_grad_b>(grad_b, grad, a, b);
  return result;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using Unary = at::Tensor(T);
  using Binary = at::Tensor(T, T);
  implement_pointwise<silu, Unary>(m, {"silu", "silu.out", "silu_"});
  implement_pointwise<silu_grad, Binary>(m, {"silu_backward", "silu_backward.grad_input"});
  implement_pointwise<mish, Unary>(m, {"mish", "mish.out", "mish_"});
  implement_pointwise<mish_grad, Binary>(m, {"mish_backward"});
  implement_pointwise<sigmoid_grad, Binary>(m, {"sigmoid_backward", "sigmoid_backward.grad_input"});
  implement_pointwise<tanh_grad, Binary>(m, {"tanh_backward", "tanh_backward.grad_input"});
  implement_pointwise<threshold, at::Tensor(T, S, S), false>(m, {"threshold", nullptr, "threshold_"});
  implement<&threshold_out>(m, "threshold.out");
  implement_pointwise<threshold_grad, at::Tensor(T, T, S), false>(
      m, {"threshold_backward", "threshold_backward.grad_input"});
  implement_pointwise<leaky_relu, at::Tensor(T, S)>(m, {"leaky_relu", "leaky_relu.out", "leaky_relu_"});
  implement_pointwise<leaky_relu_grad, at::Tensor(T, T, S, bool)>(
      m, {"leaky_relu_backward", "leaky_relu_backward.grad_input"});
  implement_pointwise<elu, at::Tensor(T, S, S, S)>(m, {"elu", "elu.out", "elu_"});
  implement_pointwise<elu_grad, at::Tensor(T, S, S, S, bool, T)>(m, {"elu_backward", "elu_backward.grad_input"});
  implement_pointwise<softplus, at::Tensor(T, S, S)>(m, {"softplus", "softplus.out"});
  implement_pointwise<softplus_grad, at::Tensor(T, T, S, S)>(m, {"softplus_backward", "softplus_backward.grad_input"});
  implement<&hardtanh_checked>(m, "hardtanh");
  implement<&hardtanh_out>(m, "hardtanh.out");
  implement<&hardtanh_in_place>(m, "hardtanh_");
  implement_pointwise<hardtanh_grad, at::Tensor(T, T, S, S)>(m, {"hardtanh_backward", "hardtanh_backward.grad_input"});
  implement_pointwise<hardswish, Unary>(m, {"hardswish", "hardswish.out", "hardswish_"});
  implement_pointwise<hardswish_grad, Binary>(m, {"hardswish_backward"});
  implement_pointwise<hardsigmoid, Unary>(m, {"hardsigmoid", "hardsigmoid.out", "hardsigmoid_"});
  implement_pointwise<hardsigmoid_grad, Binary>(m, {"hardsigmoid_backward", "hardsigmoid_backward.grad_input"});
  implement<&hardshrink_checked>(m, "hardshrink");
  implement<&hardshrink_out>(m, "hardshrink.out");
  implement_pointwise<shrink_grad, at::Tensor(T, T, S)>(m, {"hardshrink_backward", "hardshrink_backward.grad_input"});
  implement<&softshrink_checked>(m, "softshrink");
  implement<&softshrink_out>(m, "softshrink.out");
  implement_pointwise<shrink_grad, at::Tensor(T, T, S)>(m, {"softshrink_backward", "softshrink_backward.grad_input"});
  implement<&Gelu<gelu_exact, gelu_tanh, T>::functional>(m, "gelu");
  implement<&Gelu<gelu_exact, gelu_tanh, T>::out>(m, "gelu.out");
  implement<&Gelu<gelu_exact_grad, gelu_tanh_grad, T, T>::functional>(m, "gelu_backward");
  implement<&Gelu<gelu_exact_grad, gelu_tanh_grad, T, T>::out>(m, "gelu_backward.grad_input");
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
