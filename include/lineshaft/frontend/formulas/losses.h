// Losses of single elements and their gradients as expressions. x is the prediction, y the target. In a gradient,
// `grad` is the gradient of the loss, and the result is multiplied by `norm`, which is 1 / count where the loss is a
// mean and 1 where it is a sum. All operands are floats of one type unless a comment says otherwise.
//
// The definitions are PyTorch's (torch.nn.functional).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// (x - y)^2.
LINESHAFT_EXPORT Expr mse_loss(Expr x, Expr y);
LINESHAFT_EXPORT Expr mse_loss_grad(Expr grad, Expr x, Expr y, Expr norm);

// 0.5 (x - y)^2 / beta where |x - y| is below beta, else |x - y| - 0.5 beta.
LINESHAFT_EXPORT Expr smooth_l1_loss(Expr x, Expr y, Expr beta);
LINESHAFT_EXPORT Expr smooth_l1_loss_grad(Expr grad, Expr x, Expr y, Expr beta, Expr norm);
// 0.5 (x - y)^2 where |x - y| is at most delta, else delta (|x - y| - 0.5 delta) (Huber, 1964).
LINESHAFT_EXPORT Expr huber_loss(Expr x, Expr y, Expr delta);
LINESHAFT_EXPORT Expr huber_loss_grad(Expr grad, Expr x, Expr y, Expr delta, Expr norm);

// -(y log(x) + (1 - y) log(1 - x)) for probabilities x and y. A logarithm below -100 is taken as -100, and the divisor
// in the gradient is at least 1e-12, so that both are finite where x is 0 or 1.
LINESHAFT_EXPORT Expr binary_cross_entropy(Expr x, Expr y);
LINESHAFT_EXPORT Expr binary_cross_entropy_grad(Expr grad, Expr x, Expr y, Expr norm);
// The same times `weight`.
LINESHAFT_EXPORT Expr weighted_binary_cross_entropy(Expr x, Expr y, Expr weight);
LINESHAFT_EXPORT Expr weighted_binary_cross_entropy_grad(Expr grad, Expr x, Expr y, Expr weight, Expr norm);

// Whether `label`, an integer, is a class, 0 to classes - 1, or -1, which ends a list of labels; bool.
LINESHAFT_EXPORT Expr is_class_or_end(Expr label, Expr classes);

}  // namespace lineshaft::frontend::formulas
