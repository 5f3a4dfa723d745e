#include "lineshaft/frontend/formulas/distributions.h"

#include <initializer_list>
#include <iterator>

namespace lineshaft::frontend::formulas {
namespace {

// c[0] + x (c[1] + x (c[2] + ...))
Expr polynomial(Expr x, std::initializer_list<double> coefficients) {
  auto each = std::rbegin(coefficients);
  Expr sum = literal_like(x, *each);
  while (++each != std::rend(coefficients)) sum = sum * x + *each;
  return sum;
}

Expr zero_for_nan(Expr x) {
  return select(is_nan(x), 0.0, x);
}

// By a series of the distribution function, for x below 0.8.
Expr gamma_grad_of_small(Expr alpha, Expr x) {
  Expr term = literal_like(x, 1.0), below = alpha, series = 1.0 / below, squares = 1.0 / (below * below);
  for (int i = 1; i <= 5; ++i) {
    term = term * (-x / static_cast<double>(i));
    below = below + 1.0;
    series = series + term / below;
    squares = squares + term / (below * below);
  }
  Expr power = pow(x, alpha), density = pow(x, alpha - 1.0) * exp(-x);
  Expr slope = (log(x) - digamma(alpha)) * (power * series) - power * squares;
  return zero_for_nan(-slope / density);
}

// By Rice's saddle point, for alpha above 8.
Expr gamma_grad_of_large(Expr alpha, Expr x) {
  Expr square = alpha * alpha, first = 1.0 + alpha * 24.0 * (1.0 + alpha * 12.0);
  Expr second = square * 1440.0 + x * 6.0 * (53.0 - x * 120.0) - x * x * 65.0 / alpha + alpha * (107.0 + x * 3600.0);
  Expr middle = first * second / (square * square * 1244160.0);

  Expr scale = sqrt(alpha * 8.0), apart = alpha - x, ratio = log(x / alpha);
  Expr linear = scale / apart, saddle = pow(x - alpha - alpha * ratio, -1.5);
  Expr both = select(x < alpha, linear - saddle, linear + saddle);
  Expr factor = ratio * both - sqrt(2.0 / alpha) * (alpha + x) / (apart * apart);
  Expr stirling = 1.0 + 1.0 / (alpha * 12.0) * (1.0 + 1.0 / (alpha * 24.0));
  Expr outside = -stirling * (x * factor) / scale;

  Expr near = (alpha * 0.9 <= x) & (x <= alpha * 1.1);
  return select(near, middle, outside);
}

Expr gamma_grad_between(Expr alpha, Expr x) {
  Expr u = log(x / alpha), v = log(alpha);
  auto in_u = [&](double a, double b, double c) { return polynomial(u, {a, b, c}); };
  Expr p =
      in_u(0.16009398, 0.53487893, 0.040121004) +
      v * (in_u(-0.094634809, 0.1298071, -0.0065914022) +
           v * (in_u(0.025146376, 0.065735949, -0.0026286047) + v * in_u(-0.0030648343, -0.0015649758, -0.0013441777)));
  Expr q = in_u(1, 0.16639465, 0.017050642) + v * (in_u(0.32668115, 0.020070113, -0.0021309326) +
                                                   v * (in_u(0.10406089, -0.0035938915, 0.00085092367) +
                                                        v * in_u(0.0014179084, -0.00058392623, -1.5247877e-07)));
  return exp(p / q);
}

// By alpha, for x near 0.
Expr beta_grad_of_small(Expr x, Expr alpha, Expr beta) {
  Expr factor = digamma(alpha) - digamma(alpha + beta) - log(x), term = literal_like(x, 1.0);
  Expr series = term / alpha * (factor + 1.0 / alpha);
  for (int i = 1; i <= 10; ++i) {
    Expr below = alpha + static_cast<double>(i);
    term = term * ((static_cast<double>(i) - beta) * x / static_cast<double>(i));
    series = series + term / below * (factor + 1.0 / below);
  }
  return zero_for_nan(x * pow(1.0 - x, -beta) * series);
}

// By beta, for x near 0.
Expr beta_grad_by_other(Expr x, Expr alpha, Expr beta) {
  Expr factor = digamma(alpha + beta) - digamma(beta), term = literal_like(x, 1.0), product = literal_like(x, 1.0);
  Expr slope = literal_like(x, 0.0), series = factor / alpha;
  for (int i = 1; i <= 8; ++i) {
    Expr next = beta - static_cast<double>(i);
    term = term * (-x / static_cast<double>(i));
    slope = slope * next + product;
    product = product * next;
    series = series + term / (alpha + static_cast<double>(i)) * (slope + factor * product);
  }
  return zero_for_nan(-pow(1.0 - x, 1.0 - beta) * series);
}

Expr stirling(Expr x) {
  return 1.0 + 1.0 / (x * 12.0) + 1.0 / (x * x * 288.0);
}

// By alpha, where both are large.
Expr beta_grad_of_large(Expr x, Expr alpha, Expr beta) {
  Expr total = alpha + beta, mean = alpha / total, deviation = sqrt(alpha * beta / (total + 1.0)) / total;
  Expr beta2 = beta * beta, beta3 = beta2 * beta, rest = 1.0 - x;
  Expr inner = (453.0 + beta * 1620.0 * rest - x * 455.0) * beta + alpha * (rest * 8.0 * (beta * 135.0 - 11.0));
  inner = (59.0 + beta * 180.0 - x * 90.0) * 3.0 * beta2 + alpha * inner;
  inner = (43.0 + (16.0 + beta * 27.0) * 20.0 * x) * beta3 + alpha * inner;
  Expr sum = x * 47.0 * beta2 * beta2 + alpha * inner;
  Expr above = (1.0 + alpha * 12.0) * (1.0 + beta * 12.0) / (total * total);
  Expr below = alpha * alpha * alpha * 12960.0 * beta2 * (1.0 + total * 12.0);
  Expr middle = above / rest * sum / below;

  // Logarithms of what is near 1 by the difference from it: f32 has no digits to lose here.
  Expr difference = x - mean, by_alpha = -log1p(difference / mean), by_beta = -log1p(-difference * total / beta);
  Expr scale = -x / sqrt(alpha * 2.0 * beta / total), apart = total * difference;
  Expr gammas = stirling(alpha) * stirling(beta) / stirling(total);
  Expr first = (alpha * alpha * 2.0 * (x - 1.0) + alpha * beta * (x - 1.0) - x * beta2) /
               (sqrt(alpha * 2.0 / beta) * pow(total, 1.5) * apart * apart);
  Expr third = sqrt(alpha * 8.0 * beta / total) / apart, fourth = pow(beta * by_beta + alpha * by_alpha, -1.5);
  Expr outside = gammas * scale * (first + by_alpha * 0.5 * (third + select(x < mean, fourth, -fourth)));

  return select((mean - deviation * 0.1 <= x) & (x <= mean + deviation * 0.1), middle, outside);
}

// p / q, each a polynomial in log x, log(alpha / x) and log(total x / alpha), corrects an analytic approximation.
Expr beta_grad_between(Expr x, Expr alpha, Expr total) {
  static constexpr double kP[9][4] = {{1.003668233, -0.01061107488, -0.0657888334, 0.01201642863},
                                      {0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033},
                                      {-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013},
                                      {0.221950385, -0.3187676331, 0.01799915743, 0.01074823814},
                                      {-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057},
                                      {0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05},
                                      {-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565},
                                      {0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181},
                                      {0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05}};
  static constexpr double kQ[9][4] = {{1, -0.02924021934, -0.04438342661, 0.007285809825},
                                      {0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521},
                                      {-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149},
                                      {0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273},
                                      {0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956},
                                      {-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05},
                                      {0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05},
                                      {0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05},
                                      {-0.0003477407336, 6.959756487e-05, 1.097287507e-05, -1.650964693e-06}};
  Expr u = log(x), a = log(alpha) - u, b = log(total) - a;
  Expr one = literal_like(x, 1.0), powers_u[] = {one, u, u * u}, powers_a[] = {one, a, a * a};
  auto sum = [&](const double(&c)[9][4]) {
    Expr total_sum = literal_like(x, 0.0);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        const double* k = c[3 * i + j];
        total_sum = total_sum + powers_u[i] * powers_a[j] * polynomial(b, {k[0], k[1], k[2], k[3]});
      }
    return total_sum;
  };
  return sum(kP) / sum(kQ) * (x * (digamma(total) - digamma(alpha)) / (total - alpha));
}

}  // namespace

Expr standard_gamma_grad(Expr alpha, Expr x) {
  Expr rest = select(alpha > 8.0, gamma_grad_of_large(alpha, x), gamma_grad_between(alpha, x));
  return select(x < 0.8, gamma_grad_of_small(alpha, x), rest);
}

Expr dirichlet_grad(Expr x, Expr alpha, Expr total) {
  Expr beta = total - alpha, boundary = total * x * (1.0 - x);
  Expr large = (alpha > 6.0) & (beta > 6.0);
  Expr value = select(large, beta_grad_of_large(x, alpha, beta), beta_grad_between(x, alpha, total));
  Expr near_one = (x >= 0.5) & (boundary < 0.75);
  value = select(near_one, -beta_grad_by_other(1.0 - x, beta, alpha), value);
  Expr near_zero = (x <= 0.5) & (boundary < 2.5);
  return select(near_zero, beta_grad_of_small(x, alpha, beta), value);
}

}  // namespace lineshaft::frontend::formulas
