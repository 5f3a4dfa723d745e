// How a random number moves with its distribution's parameters while its random bits stay: the derivative by a
// parameter of the distribution function, over the density, negated (Jankowiak and Obermeyer, "Pathwise Derivatives
// Beyond the Reparameterization Trick", 2018). The expansions and rational approximations, and so the results, are
// PyTorch's. All operands are f32 or f64, of one type. The numbers themselves are drawn by the operation `sample`.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// Of x, drawn from the gamma distribution of shape `alpha` and scale 1, by alpha.
LINESHAFT_EXPORT Expr standard_gamma_grad(Expr alpha, Expr x);

// Of x, one number of a vector that is drawn from the Dirichlet distribution, by its own parameter `alpha`; `total` is
// the sum of the vector's parameters. x is then drawn from the beta distribution of alpha and total - alpha; the result
// is the derivative by alpha, divided by 1 - x.
LINESHAFT_EXPORT Expr dirichlet_grad(Expr x, Expr alpha, Expr total);

}  // namespace lineshaft::frontend::formulas
