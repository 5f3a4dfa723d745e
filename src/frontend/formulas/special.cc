#include "lineshaft/frontend/formulas/special.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace lineshaft::frontend::formulas {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// exp(-x) I0(x) over 0..8; the same times sqrt(x), over 1/x in 0..1/8; exp(-x) I1(x) / x; and again; erfcx(4/t - 4) / t
// over t in 0..1.
constexpr double kI0Small[] = {
    0.33839763720473804,    -0.3046826723431984,     0.17162090152220878,    -0.094901097048047644,
    0.049305284239670708,   -0.023737414805899469,   0.010546460394594998,   -0.0043243099950505759,
    0.0016394756169413358,  -0.00057637557453858237, 0.00018850288509584166, -5.7541950100821037e-5,
    1.6448448070728897e-5,  -4.4167383584587506e-6,  1.1173875391201037e-6,  -2.6707938539406117e-7,
    6.0469950225419189e-8,  -1.300025009986248e-8,   2.6598237246823867e-9,  -5.1897956016352629e-10,
    9.6758090353732369e-11, -1.7268262914415557e-11, 2.9550526631296398e-12, -4.8564467831119295e-13,
    7.6761854986049356e-14, -1.1685332877993452e-14, 1.715391285555133e-15,  -2.4312798465479547e-16,
    3.3307945188222381e-17};
constexpr double kI0Large[] = {
    0.40224520550705442,     0.0033691164782556941,   6.889758346916824e-5,    2.8913705208347565e-6,
    2.0489185894690637e-7,   2.2666689904981781e-8,   3.3962320257083863e-9,   4.9406023882249696e-10,
    1.1889147107846438e-11,  -3.1499165279632414e-11, -1.3215811840447713e-11, -1.7941785315068061e-12,
    7.1801244513836662e-13,  3.8527783827421427e-13,  1.5400862175214098e-14,  -4.1505693472872221e-14,
    -9.5548466988283076e-15, 3.8116806693526224e-15,  1.7725601330565264e-15,  -3.4254856196772191e-16,
    -2.8276239805165835e-16, 3.4612228676974611e-17,  4.46562142029676e-17};
constexpr double kI1Small[] = {
    0.12629359322181683,    -0.17641651835783406,    0.1026436586898471,     -0.052945981208094991,
    0.024726449030626517,   -0.010564084894626198,   0.0041564229443128882,  -0.0015135724506312531,
    0.00051228595616857577, -0.00016176081582589675, 4.7815651075500542e-5,  -1.3273163656039436e-5,
    3.4702513081376785e-6,  -8.5687202646954547e-7,  2.0032947535521353e-7,  -4.4450591287963281e-8,
    9.3815373864957718e-9,  -1.8872497517228293e-9,  3.625590281552117e-10,  -6.6634897235020277e-11,
    1.1736186298890902e-11, -1.9839743977649437e-12, 3.2237933659455747e-13, -5.0421855047279117e-14,
    7.6006842947354069e-15, -1.1055969477353863e-15, 1.5536319577362005e-16, -2.1114212143581661e-17};
constexpr double kI1Large[] = {
    0.38928811750914006,     -0.0097610974913614684,  -0.00011058893876262372, -3.8825648088776904e-6,
    -2.5122362378702089e-7,  -2.6314688468895195e-8,  -3.835380385964237e-9,   -5.5897434621965838e-10,
    -1.8974958123505412e-11, 3.2526035830154882e-11,  1.4125807436613781e-11,  2.0356285441470895e-12,
    -7.1985517762459085e-13, -4.0835511110921973e-13, -2.1015418427726643e-14, 4.2724400167119514e-14,
    1.0420276984128803e-14,  -3.8144030724370078e-15, -1.8803547755107824e-15, 3.3082023109209283e-16,
    2.9626289976459501e-16,  -3.209525921993424e-17,  -4.6503053684893583e-17};
constexpr double kErfcx[] = {
    0.40802446954913149,     0.37635823567636743,     0.14758035457222362,    0.049571317930027586,
    0.014227107557117174,    0.0034434932627175241,   0.00068225418328380806, 0.00010340451975756188,
    9.72854595199015e-6,     -1.1988713758412044e-7,  -2.1747767703449564e-7, -3.0291767735991391e-8,
    9.4799175652045492e-10,  8.6334116949909559e-10,  6.8721564259534024e-11, -1.7034898438296276e-11,
    -3.3921306868290886e-12, 2.6158087668540245e-13,  1.212767580310864e-13,  -2.1146895432448092e-15,
    -4.1173409334041784e-15, -6.3287127217007087e-17, 1.4393110983449847e-16};

// The series at `t` in -1..1, by Clenshaw's recurrence. f32 takes the coefficients that it can see.
template <size_t count>
Expr series(Expr t, const double (&coefficients)[count]) {
  size_t terms = count;
  if (t.type == DType::kF32)
    while (terms > 2 && std::abs(coefficients[terms - 1]) < 1e-9) --terms;
  Expr next = literal_like(t, 0), after = next;
  for (size_t i = terms; i-- > 1;) {
    Expr value = 2.0 * t * next - after + coefficients[i];
    after = next;
    next = value;
  }
  return t * next - after + coefficients[0];
}

// Where the exponential of a number is infinite so is the result: the other factor may be 0. At infinity itself PyTorch
// has NaN.
Expr unscaled(Expr x, Expr scaled) {
  Expr power = exp(abs(x)), infinite = (power == kInfinity) & (abs(x) < kInfinity);
  return select(infinite, copysign(power, scaled), power * scaled);
}

// The derivatives of cot(pi x) are polynomials in c = cot(pi x): P' = -pi (1 + c^2) dP/dc.
std::vector<double> cotangent_derivative(int64_t order) {
  std::vector<double> p{0, 1};
  for (int64_t i = 0; i < order; ++i) {
    std::vector<double> next(p.size() + 1, 0);
    for (size_t k = 1; k < p.size(); ++k) {
      next[k - 1] -= kPi * static_cast<double>(k) * p[k];
      next[k + 1] -= kPi * static_cast<double>(k) * p[k];
    }
    p = next;
  }
  return p;
}

// Hurwitz's zeta(s, y) for y > 0: ten terms, then Euler and Maclaurin's formula.
Expr hurwitz_zeta(double s, Expr y) {
  constexpr double bernoulli[] = {1.0 / 6,       -1.0 / 30, 1.0 / 42,      -1.0 / 30,     5.0 / 66,
                                  -691.0 / 2730, 7.0 / 6,   -3617.0 / 510, 43867.0 / 798, -174611.0 / 330};
  Expr sum = pow(y, -s);
  for (int k = 1; k < 10; ++k) sum = sum + pow(y + k, -s);
  Expr a = y + 10.0, power = pow(a, -s);
  sum = sum + a * power / (s - 1) + 0.5 * power;
  double rising = s;
  Expr term = power / a;
  for (int j = 1; j <= 10; ++j) {
    double factorial = std::tgamma(2.0 * j + 1);
    // Beyond the range of f32 the term is 0 there, which an infinity would make NaN.
    double coefficient = bernoulli[j - 1] / factorial * rising;
    if (y.type == DType::kF32) coefficient = std::clamp(coefficient, -3e38, 3e38);
    sum = sum + term * coefficient;
    rising *= (s + 2 * j - 1) * (s + 2 * j);
    term = term / (a * a);
  }
  return sum;
}

// The series of zeta(s, x) for x < 0 and a high s. Terms on both sides of 0 come in pairs, which cancel halfway between
// integers: of them only the greatest count, and what lies beyond all pairs.
Expr nearest_terms(double s, Expr x, double parity) {
  Expr below = floor(x), above = x - below, beneath = 1.0 - above;
  Expr sum = hurwitz_zeta(s, above + max(-below, 4.0));
  for (int j = 3; j >= 0; --j) {
    Expr mirrored = select(below + j < 0.0, pow(beneath + j, -s) * parity, 0.0);
    sum = sum + (pow(above + j, -s) + mirrored);
  }
  return sum;
}

// By cot(pi x), whose polynomial has numbers that pass the range from some order on.
constexpr int64_t kHighestByCotangent = 64;

}  // namespace

Expr sinc(Expr x) {
  Expr angle = x * kPi;
  return select(x == 0.0, 1.0, sin(angle) / angle);
}

Expr i0(Expr x) {
  return unscaled(x, i0e(x));
}

Expr i0e(Expr x) {
  Expr a = abs(x);
  return select(a <= 8.0, series(min(a, 8.0) / 4.0 - 1.0, kI0Small),
                series(16.0 / max(a, 8.0) - 1.0, kI0Large) / sqrt(a));
}

Expr i1(Expr x) {
  return unscaled(x, i1e(x));
}

Expr i1e(Expr x) {
  Expr a = abs(x);
  Expr small = a * series(min(a, 8.0) / 4.0 - 1.0, kI1Small);
  Expr value = select(a <= 8.0, small, series(16.0 / max(a, 8.0) - 1.0, kI1Large) / sqrt(a));
  return select(x < 0.0, -value, value);
}

Expr erfcx(Expr x) {
  Expr t = 4.0 / (4.0 + abs(x));
  Expr tail = t * series(2.0 * t - 1.0, kErfcx);
  return select(x < 0.0, 2.0 * exp(x * x) - tail, tail);
}

Expr polygamma(int64_t order, Expr x) {
  if (order == 0) return digamma(x);
  double sign = order % 2 ? 1 : -1, factorial = std::tgamma(static_cast<double>(order) + 1);
  Expr y = select(x > 0.0, x, 1.0 - x);
  Expr infinite = y == kInfinity;
  Expr positive = select(infinite, 0.0, hurwitz_zeta(static_cast<double>(order) + 1, y) * (sign * factorial));
  Expr negative = x;
  if (order <= kHighestByCotangent) {
    Expr angle = (x - round(x)) * kPi;
    Expr c = cos(angle) / sin(angle);
    auto p = cotangent_derivative(order);
    Expr slope = literal_like(x, p.back());
    for (size_t k = p.size() - 1; k-- > 0;) slope = slope * c + p[k];
    negative = slope * -kPi + positive * (order % 2 ? -1.0 : 1.0);
  } else {
    negative = nearest_terms(static_cast<double>(order) + 1, x, order % 2 ? 1.0 : -1.0) * (sign * factorial);
  }
  Expr pole = literal_like(x, sign * kInfinity);
  return select(x > 0.0, positive, select(is_nan(x), x, select(x == floor(x), pole, negative)));
}

ProgramRef polygamma_program(int64_t order, DType from, DType type) {
  static ProgramCache cache;
  order = std::min(order, (int64_t{1} << 48) + order % 2);  // from there on nothing changes but the sign
  uint64_t key = key_of(type, from) << 49 | static_cast<uint64_t>(order);
  return cache.get(key, [&](ProgramBuilder& p) {
    Expr x = convert(p.input(from), compute_type(from), compute_type(type));
    p.output(polygamma(order, x), type);
  });
}

}  // namespace lineshaft::frontend::formulas
