#include "lineshaft/frontend/formulas/normalization.h"

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

ProgramRef running_statistics_update_program(DType mean, DType variance, DType batch) {
  static ProgramCache cache;
  return cache.get(key_of(mean, variance, batch), [&](ProgramBuilder& p) {
    auto load = [&](DType type) { return cast(p.input(type), batch); };
    Expr old_mean = load(mean), old_variance = load(variance), batch_mean = load(batch), batch_rstd = load(batch);
    Expr momentum = p.arg(batch), rest = p.arg(batch), eps = p.arg(batch), unbias = p.arg(batch);
    Expr batch_variance = max(1.0 / (batch_rstd * batch_rstd) - eps, 0.0) * unbias;
    p.output(rest * old_mean + momentum * batch_mean, mean);
    p.output(rest * old_variance + momentum * batch_variance, variance);
  });
}

std::array<Scalar, 4> running_statistics_update_arguments(double momentum, double eps, int64_t count) {
  auto n = static_cast<double>(count);
  return {Scalar::of(momentum), Scalar::of(1 - momentum), Scalar::of(eps), Scalar::of(n / (n - 1))};
}

ProgramRef running_statistics_program(DType mean, DType variance, DType result) {
  static ProgramCache cache;
  return cache.get(key_of(mean, variance, result), [&](ProgramBuilder& p) {
    Expr m = cast(p.input(mean), result), v = cast(p.input(variance), result);
    p.output(m, result);
    p.output(rsqrt(v + p.arg(result)), result);
  });
}

}  // namespace lineshaft::frontend::formulas
