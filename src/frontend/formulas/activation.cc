#include "lineshaft/frontend/formulas/activation.h"

#include <numbers>

namespace lineshaft::frontend::formulas {
namespace {

constexpr double kSqrtHalf = std::numbers::sqrt2 / 2;
constexpr double kTwoOverSqrtPi = 2 * std::numbers::inv_sqrtpi;
constexpr double kGeluBeta = kSqrtHalf * kTwoOverSqrtPi;
constexpr double kGeluKappa = 0.044715;

Expr clamp(Expr x, double low, double high) {
  return min(max(x, low), high);
}

}  // namespace

Expr sigmoid(Expr x) {
  return 1.0 / (1.0 + exp(-x));
}

Expr sigmoid_grad(Expr grad, Expr y) {
  return grad * (1.0 - y) * y;
}

Expr tanh_grad(Expr grad, Expr y) {
  return grad * (1.0 - y * y);
}

Expr log_sigmoid(Expr x) {
  return min(x, 0.0) - log1p(exp(-abs(x)));
}

Expr log_sigmoid_grad(Expr grad, Expr x) {
  Expr z = exp(-abs(x));
  Expr share = z / (1.0 + z);
  return grad * select(x < 0.0, 1.0 - share, share);
}

Expr gelu_erf(Expr x) {
  return x * 0.5 * (1.0 + erf(x * kSqrtHalf));
}

Expr gelu_erf_grad(Expr grad, Expr x) {
  Expr below = 0.5 * (1.0 + erf(x * kSqrtHalf));
  Expr density = exp(-0.5 * (x * x)) * (kTwoOverSqrtPi * kSqrtHalf * 0.5);
  return grad * (below + x * density);
}

Expr gelu_tanh(Expr x) {
  return 0.5 * x * (1.0 + tanh(kGeluBeta * (x + kGeluKappa * (x * x * x))));
}

Expr gelu_tanh_grad(Expr grad, Expr x) {
  Expr t = tanh(kGeluBeta * (x + kGeluKappa * (x * x * x)));
  Expr slope = kGeluBeta * (1.0 + 3 * kGeluKappa * (x * x));
  return grad * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * slope);
}

Expr silu(Expr x) {
  return x / (1.0 + exp(-x));
}

Expr silu_grad(Expr grad, Expr x) {
  Expr s = sigmoid(x);
  return grad * s * (1.0 + x * (1.0 - s));
}

Expr mish(Expr x) {
  return x * tanh(log1p(exp(x)));
}

Expr mish_grad(Expr grad, Expr x) {
  Expr t = tanh(log1p(exp(x)));
  return grad * (t + x * sigmoid(x) * (1.0 - t * t));
}

Expr relu(Expr x) {
  return max(0.0, x);
}

Expr threshold(Expr x, Expr limit, Expr value) {
  return select(x <= limit, value, x);
}

Expr threshold_grad(Expr grad, Expr x, Expr limit) {
  return select(x <= limit, 0.0, grad);
}

Expr leaky_relu(Expr x, Expr slope) {
  return select(x > 0.0, x, x * slope);
}

Expr leaky_relu_grad(Expr grad, Expr x, Expr slope) {
  return select(x > 0.0, grad, grad * slope);
}

Expr prelu(Expr x, Expr slope) {
  return select(x > 0.0, x, x * slope);
}

Expr prelu_grad(Expr grad, Expr x, Expr slope) {
  return select(x > 0.0, grad, slope * grad);
}

Expr prelu_slope_grad(Expr grad, Expr x) {
  return select(x > 0.0, 0.0, x * grad);
}

Expr elu(Expr x, Expr alpha, Expr scale, Expr input_scale) {
  return select(x <= 0.0, expm1(x * input_scale) * (alpha * scale), x * scale);
}

Expr elu_grad(Expr grad, Expr alpha, Expr scale, Expr input_scale, Expr is_result, Expr x) {
  Expr steep = alpha * scale;
  Expr by_result = grad * input_scale * (x + steep), by_input = grad * input_scale * steep * exp(x * input_scale);
  return select(x > 0.0, grad * scale, select(is_result != 0.0, by_result, by_input));
}

Expr softplus(Expr x, Expr beta, Expr limit) {
  return select(x * beta > limit, x, log1p(exp(x * beta)) / beta);
}

Expr softplus_grad(Expr grad, Expr x, Expr beta, Expr limit) {
  Expr z = exp(x * beta);
  return select(x * beta > limit, grad, grad * z / (z + 1.0));
}

Expr hardtanh(Expr x, Expr low, Expr high) {
  return min(high, max(low, x));
}

Expr hardtanh_grad(Expr grad, Expr x, Expr low, Expr high) {
  return select((low < x) & (x < high), grad, 0.0);
}

Expr hardsigmoid(Expr x) {
  return clamp(x + 3.0, 0, 6) / 6.0;
}

Expr hardsigmoid_grad(Expr grad, Expr x) {
  return select((x > -3.0) & (x < 3.0), grad / 6.0, 0.0);
}

Expr hardswish(Expr x) {
  return x * clamp(x + 3.0, 0, 6) / 6.0;
}

Expr hardswish_grad(Expr grad, Expr x) {
  return select(x <= -3.0, 0.0, select(x < 3.0, grad * (x / 3.0 + 0.5), grad));
}

Expr hardshrink(Expr x, Expr limit) {
  return select((-limit <= x) & (x <= limit), 0.0, x);
}

Expr softshrink(Expr x, Expr limit) {
  Expr inside = select(is_nan(x), x, copysign(literal_like(x, 0.0), x));
  return select(x > limit, x - limit, select(x < -limit, x + limit, inside));
}

Expr shrink_grad(Expr grad, Expr x, Expr limit) {
  return select((x < -limit) | (limit < x), grad, 0.0);
}

Expr glu(Expr a, Expr b) {
  return a * sigmoid(b);
}

Expr glu_grad_a(Expr grad, Expr b) {
  return grad * sigmoid(b);
}

Expr glu_grad_b(Expr grad, Expr a, Expr b) {
  Expr s = sigmoid(b);
  return (1.0 - s) * s * grad * a;
}

Expr logit_grad(Expr grad, Expr x, Expr low, Expr outside) {
  return select((x < low) | (x > 1.0 - low), outside, grad / (x * (1.0 - x)));
}

}  // namespace lineshaft::frontend::formulas
