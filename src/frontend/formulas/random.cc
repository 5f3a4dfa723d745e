#include "lineshaft/frontend/formulas/random.h"

#include <numbers>

#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {
namespace {

// What every program here begins with.
struct Position {
  Expr seed, counter;  // the element's own
  explicit Position(ProgramBuilder& p) : seed(p.arg(DType::kI64)), counter(p.arg(DType::kI64) + p.linear()) {}
};

Expr draw(Distribution distribution, const Position& at, Expr a, Expr b, DType compute) {
  Expr u = unit_uniform(at.seed, at.counter, 0, compute);
  switch (distribution) {
    case Distribution::kUniform:
      return u * (b - a) + a;
    case Distribution::kNormal:
      return standard_normal(at.seed, at.counter, compute) * b + a;
    case Distribution::kLogNormal:
      return exp(standard_normal(at.seed, at.counter, compute) * b + a);
    case Distribution::kExponential:
      // Never 0: what is divided by such a number stays finite, as multinomial does.
      return max(-log1p(-u), compute == DType::kF64 ? 0x1p-53 : 0x1p-24) / a;
    case Distribution::kCauchy:
      return a + b * tan((u - 0.5) * std::numbers::pi);
    case Distribution::kGeometric:
      return ceil(max(log1p(-u) / log1p(-a), 1.0));
    case Distribution::kBernoulli:
      return select(u < a, literal_like(u, 1.0), 0.0);
  }
  return u;
}

// `bits` of 64 bits modulo a range of 2^63 and more, as an unsigned number: what is not below it is made so by one
// subtraction.
Expr below_wide(Expr bits, Expr range) {
  Expr past = range - 1.0;
  // In halves, as numbers compare as signed ones.
  Expr half = shr_logical(bits, 1.0), half_past = shr_logical(past, 1.0);
  Expr inside = (half < half_past) | ((half == half_past) & ((bits & 1.0) <= (past & 1.0)));
  return select(inside, bits, bits - range);
}

}  // namespace

Expr unit_uniform(Expr seed, Expr counter, int word, DType compute) {
  if (compute != DType::kF64) return uniform_from_bits(philox(seed, counter, word));
  Expr high = cast(shr_logical(philox(seed, counter, word), 5.0), DType::kF64);
  Expr low = cast(shr_logical(philox(seed, counter, word + 1), 6.0), DType::kF64);
  return (high * 0x1p26 + low) * 0x1p-53;
}

// 1 - u lies in (0, 1], so that its logarithm is finite.
Expr standard_normal(Expr seed, Expr counter, DType compute) {
  Expr u = unit_uniform(seed, counter, 0, compute), v = unit_uniform(seed, counter, 2, compute);
  return sqrt(log(1.0 - u) * -2.0) * cos(v * (2.0 * std::numbers::pi));
}

std::array<Scalar, 2> draw_arguments(Draw draw) {
  return {Scalar::of(draw.seed), Scalar::of(draw.offset)};
}

ProgramRef random_program(Distribution distribution, DType type) {
  static ProgramCache cache;
  return cache.get(key_of(distribution, type), [&](ProgramBuilder& p) {
    DType compute = type == DType::kF64 ? DType::kF64 : DType::kF32;
    Position at(p);
    Expr a = p.arg(compute), b = p.arg(compute);
    Expr value = draw(distribution, at, a, b, compute);
    // A uniform below 1 may round up to the open end in a 16-bit type.
    if (distribution == Distribution::kUniform && type != compute) value = select(narrow(value, type) == b, a, value);
    p.output(convert(value, compute, type), type);
  });
}

std::array<Scalar, 4> random_arguments(Draw draw, double a, double b) {
  return {Scalar::of(draw.seed), Scalar::of(draw.offset), Scalar::of(a), Scalar::of(b)};
}

ProgramRef bernoulli_program(DType probability, DType type) {
  static ProgramCache cache;
  return cache.get(key_of(probability, type), [&](ProgramBuilder& p) {
    Position at(p);
    Expr limit = p.input(probability);
    p.output(convert(unit_uniform(at.seed, at.counter, 0, limit.type) < limit, DType::kBool, type), type);
  });
}

ProgramRef random_integers_program(DType type, uint64_t range) {
  static ProgramCache cache;
  bool wide = range == 0 || range > uint64_t{INT64_MAX};
  return cache.get(key_of(type, wide), [&](ProgramBuilder& p) {
    Position at(p);
    Expr from = p.arg(DType::kI64), count = p.arg(DType::kI64);
    Expr high = cast(philox(at.seed, at.counter, 0), DType::kI64) << 32.0;
    Expr low = shr_logical(cast(philox(at.seed, at.counter, 1), DType::kI64) << 32.0, 32.0);
    Expr bits = high | low;
    Expr step = wide ? below_wide(bits, count) : rem(shr_logical(bits, 1.0), count);
    p.output(convert(from + step, DType::kI64, type), type);
  });
}

std::array<Scalar, 4> random_integers_arguments(Draw draw, int64_t least, uint64_t range) {
  return {Scalar::of(draw.seed), Scalar::of(draw.offset), Scalar::of(least), Scalar::of(static_cast<int64_t>(range))};
}

ProgramRef random_keys_program() {
  static ProgramCache cache;
  return cache.get(key_of(1), [](ProgramBuilder& p) {
    Position at(p);
    Expr high = cast(philox(at.seed, at.counter, 0), DType::kI64);
    Expr low = cast(philox(at.seed, at.counter, 1), DType::kI64);
    p.output((high << 32.0) ^ low, DType::kI64);
  });
}

ProgramRef dropout_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr x = p.input(type);
    Position at(p);
    Expr probability = p.arg(DType::kF32), scale = p.arg(x.type);
    Expr keep = unit_uniform(at.seed, at.counter, 0, DType::kF32) >= probability;
    p.output(select(keep, x * scale, 0.0), type);
    p.output(keep, DType::kBool);
  });
}

std::array<Scalar, 4> dropout_arguments(Draw draw, double probability) {
  return {Scalar::of(draw.seed), Scalar::of(draw.offset), Scalar::of(probability),
          Scalar::of(dropout_scale(probability))};
}

double dropout_scale(double probability) {
  return probability == 1 ? 0.0 : 1 / (1 - probability);
}

Expr dropout_grad(Expr grad, Expr kept, Expr scale) {
  return grad * kept * scale;
}

ProgramRef rrelu_program(DType type, DType slope) {
  static ProgramCache cache;
  return cache.get(key_of(type, slope), [&](ProgramBuilder& p) {
    Expr x = p.input(type);
    Position at(p);
    Expr low = p.arg(x.type), high = p.arg(x.type);
    Expr drawn = low + cast(unit_uniform(at.seed, at.counter, 0, DType::kF32), x.type) * (high - low);
    Expr factor = select(x <= 0.0, drawn, 1.0);
    p.output(x * factor, type);
    p.output(cast(factor, compute_type(slope)), slope);
  });
}

std::array<Scalar, 4> rrelu_arguments(Draw draw, double low, double high) {
  return random_arguments(draw, low, high);
}

Expr is_not_negative(Expr x) {
  return x >= 0.0;
}

Expr is_probability(Expr x) {
  return (x >= 0.0) & (x <= 1.0);
}

Expr is_weight(Expr x, Expr infinity) {
  return (x >= 0.0) & (x < infinity);
}

}  // namespace lineshaft::frontend::formulas
