// Activations and their gradients as expressions. In a gradient, `grad` is the gradient of the activation's result, x
// is the activation's operand, and y its result. All operands are floats of one type unless a comment says otherwise.
//
// The definitions are PyTorch's (torch.nn.functional) and, under the same names, TensorFlow's.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// 1 / (1 + exp(-x)).
LINESHAFT_EXPORT Expr sigmoid(Expr x);
LINESHAFT_EXPORT Expr sigmoid_grad(Expr grad, Expr y);
LINESHAFT_EXPORT Expr tanh_grad(Expr grad, Expr y);
// min(x, 0) - log(1 + exp(-|x|)).
LINESHAFT_EXPORT Expr log_sigmoid(Expr x);
LINESHAFT_EXPORT Expr log_sigmoid_grad(Expr grad, Expr x);

// x times the cumulative distribution function of the normal distribution: exact, by erf, and the approximation by tanh
// (Hendrycks and Gimpel, 2016).
LINESHAFT_EXPORT Expr gelu_erf(Expr x);
LINESHAFT_EXPORT Expr gelu_erf_grad(Expr grad, Expr x);
LINESHAFT_EXPORT Expr gelu_tanh(Expr x);
LINESHAFT_EXPORT Expr gelu_tanh_grad(Expr grad, Expr x);

// x sigmoid(x), which TensorFlow calls swish.
LINESHAFT_EXPORT Expr silu(Expr x);
LINESHAFT_EXPORT Expr silu_grad(Expr grad, Expr x);
// x tanh(log(1 + exp(x))).
LINESHAFT_EXPORT Expr mish(Expr x);
LINESHAFT_EXPORT Expr mish_grad(Expr grad, Expr x);

// max(x, 0); -0 stays and NaN goes through. Any type but bool.
LINESHAFT_EXPORT Expr relu(Expr x);
// x where it is above `limit`, else `value`. Any type.
LINESHAFT_EXPORT Expr threshold(Expr x, Expr limit, Expr value);
LINESHAFT_EXPORT Expr threshold_grad(Expr grad, Expr x, Expr limit);
LINESHAFT_EXPORT Expr leaky_relu(Expr x, Expr slope);
LINESHAFT_EXPORT Expr leaky_relu_grad(Expr grad, Expr x, Expr slope);
// leaky_relu with a slope for each channel; its gradient by x; and what each element adds to the gradient of the slope.
LINESHAFT_EXPORT Expr prelu(Expr x, Expr slope);
LINESHAFT_EXPORT Expr prelu_grad(Expr grad, Expr x, Expr slope);
LINESHAFT_EXPORT Expr prelu_slope_grad(Expr grad, Expr x);

// scale x where x is above 0, else scale alpha (exp(input_scale x) - 1). In the gradient, `x` is the result of elu
// where is_result is not 0, else its operand.
LINESHAFT_EXPORT Expr elu(Expr x, Expr alpha, Expr scale, Expr input_scale);
LINESHAFT_EXPORT Expr elu_grad(Expr grad, Expr alpha, Expr scale, Expr input_scale, Expr is_result, Expr x);
// log(1 + exp(beta x)) / beta where beta x is at most `limit`, else x.
LINESHAFT_EXPORT Expr softplus(Expr x, Expr beta, Expr limit);
LINESHAFT_EXPORT Expr softplus_grad(Expr grad, Expr x, Expr beta, Expr limit);

// x clamped to low and high. Any type but bool.
LINESHAFT_EXPORT Expr hardtanh(Expr x, Expr low, Expr high);
LINESHAFT_EXPORT Expr hardtanh_grad(Expr grad, Expr x, Expr low, Expr high);
// (x + 3) / 6 clamped to 0 and 1; and x times that.
LINESHAFT_EXPORT Expr hardsigmoid(Expr x);
LINESHAFT_EXPORT Expr hardsigmoid_grad(Expr grad, Expr x);
LINESHAFT_EXPORT Expr hardswish(Expr x);
LINESHAFT_EXPORT Expr hardswish_grad(Expr grad, Expr x);
// x where it lies outside of -limit..limit, else 0; softshrink also moves x by `limit` toward 0. Both have the same
// gradient.
LINESHAFT_EXPORT Expr hardshrink(Expr x, Expr limit);
LINESHAFT_EXPORT Expr softshrink(Expr x, Expr limit);
LINESHAFT_EXPORT Expr shrink_grad(Expr grad, Expr x, Expr limit);

// a sigmoid(b), where a and b are the two halves of a tensor.
LINESHAFT_EXPORT Expr glu(Expr a, Expr b);
LINESHAFT_EXPORT Expr glu_grad_a(Expr grad, Expr b);
LINESHAFT_EXPORT Expr glu_grad_b(Expr grad, Expr a, Expr b);

// The gradient of log(x / (1 - x)) where x lies in low..1 - low, and `outside` elsewhere.
LINESHAFT_EXPORT Expr logit_grad(Expr grad, Expr x, Expr low, Expr outside);

}  // namespace lineshaft::frontend::formulas
