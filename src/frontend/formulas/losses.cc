#include "lineshaft/frontend/formulas/losses.h"

namespace lineshaft::frontend::formulas {
namespace {

Expr cross_entropy_slope(Expr grad, Expr x, Expr y) {
  return grad * (x - y) / max((1.0 - x) * x, 1e-12);
}

}  // namespace

Expr mse_loss(Expr x, Expr y) {
  Expr d = x - y;
  return d * d;
}

Expr mse_loss_grad(Expr grad, Expr x, Expr y, Expr norm) {
  return norm * 2.0 * (x - y) * grad;
}

Expr smooth_l1_loss(Expr x, Expr y, Expr beta) {
  Expr d = abs(x - y);
  return select(d < beta, 0.5 * d * d / beta, d - 0.5 * beta);
}

Expr smooth_l1_loss_grad(Expr grad, Expr x, Expr y, Expr beta, Expr norm) {
  Expr d = x - y;
  return select(d <= -beta, -norm * grad, select(d >= beta, norm * grad, norm * d * grad / beta));
}

Expr huber_loss(Expr x, Expr y, Expr delta) {
  Expr d = abs(x - y);
  return select(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta));
}

Expr huber_loss_grad(Expr grad, Expr x, Expr y, Expr delta, Expr norm) {
  Expr d = x - y;
  return select(d < -delta, -norm * grad * delta, select(d > delta, norm * grad * delta, norm * d * grad));
}

Expr binary_cross_entropy(Expr x, Expr y) {
  return (y - 1.0) * max(log1p(-x), -100.0) - y * max(log(x), -100.0);
}

Expr binary_cross_entropy_grad(Expr grad, Expr x, Expr y, Expr norm) {
  return cross_entropy_slope(grad, x, y) * norm;
}

Expr weighted_binary_cross_entropy(Expr x, Expr y, Expr weight) {
  return binary_cross_entropy(x, y) * weight;
}

Expr weighted_binary_cross_entropy_grad(Expr grad, Expr x, Expr y, Expr weight, Expr norm) {
  return cross_entropy_slope(grad, x, y) * weight * norm;
}

Expr is_class_or_end(Expr label, Expr classes) {
  return (label >= -1.0) & (label < classes);
}

}  // namespace lineshaft::frontend::formulas
