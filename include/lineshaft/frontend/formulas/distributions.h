// Derivatives of a random number by its distribution's parameters, for fixed random bits: minus the derivative of the
// cumulative distribution function by the parameter, divided by the density (Jankowiak and Obermeyer, "Pathwise
// Derivatives Beyond the Reparameterization Trick", 2018). The expansions and rational approximations, and so the
// results, are PyTorch's. All operands are f32 or f64, of one type. The operation `sample` draws the random numbers.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// The derivative by alpha of x, which was drawn from the gamma distribution of shape `alpha` and scale 1.
LINESHAFT_EXPORT Expr standard_gamma_grad(Expr alpha, Expr x);

// The same for x, one element of a vector that was drawn from the Dirichlet distribution, by its own parameter `alpha`.
// `total` is the sum of the vector's parameters, so that x has the beta distribution of alpha and total - alpha. The
// result is the derivative by alpha, divided by 1 - x, as PyTorch defines it.
LINESHAFT_EXPORT Expr dirichlet_grad(Expr x, Expr alpha, Expr total);

}  // namespace lineshaft::frontend::formulas
