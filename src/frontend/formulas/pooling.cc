#include "lineshaft/frontend/formulas/pooling.h"

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

ProgramRef fractional_window_program(DType samples) {
  static ProgramCache cache;
  return cache.get(key_of(samples), [&](ProgramBuilder& p) {
    Expr sample = p.input(samples), alpha = p.arg(sample.type), last = p.arg(DType::kI64), room = p.arg(DType::kI64);
    Expr x = p.index(2);
    Expr start = cast((cast(x, sample.type) + sample) * alpha, DType::kI64) - cast(sample * alpha, DType::kI64);
    p.output(select(x == last, room, start) + p.index(3), DType::kI64);
  });
}

std::array<Scalar, 3> fractional_window_arguments(DType samples, int64_t input, int64_t kernel, int64_t windows) {
  int64_t room = input - kernel, last = windows - 1;
  double alpha = 0;
  if (last > 0 && samples == DType::kF32)
    alpha = static_cast<float>(room) / static_cast<float>(last);
  else if (last > 0)
    alpha = static_cast<double>(room) / static_cast<double>(last);
  return {Scalar::of(alpha), Scalar::of(last), Scalar::of(room)};
}

ProgramRef window_winner_program(int spatial) {
  static ProgramCache cache;
  return cache.get(key_of(spatial), [&](ProgramBuilder& p) {
    Expr place = p.input(DType::kI64), flat = p.constant(DType::kI64, int64_t{0});
    std::array<Expr, 3> starts, kernel, size, inside;
    for (int i = 0; i < spatial; ++i) starts[i] = p.input(DType::kI64);
    for (int i = 0; i < spatial; ++i) kernel[i] = p.arg(DType::kI64);
    for (int i = 0; i < spatial; ++i) size[i] = p.arg(DType::kI64);
    for (int i = spatial - 1; i >= 0; --i) {
      inside[i] = rem(place, kernel[i]);
      place = place / kernel[i];
    }
    for (int i = 0; i < spatial; ++i) flat = flat * size[i] + starts[i] + inside[i];
    p.output(flat, DType::kI64);
  });
}

}  // namespace lineshaft::frontend::formulas
