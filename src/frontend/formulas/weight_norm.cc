#include "lineshaft/frontend/formulas/weight_norm.h"

namespace lineshaft::frontend::formulas {

ProgramRef weight_norm_sum_program(DType sum_type, DType norm_type, bool root) {
  static ProgramCache cache;
  return cache.get(key_of(sum_type, norm_type, root), [&](ProgramBuilder& p) {
    Expr sum = cast(p.input(sum_type), compute_type(norm_type));
    p.output(root ? sqrt(sum) : sum, norm_type);
  });
}

ProgramRef weight_norm_program(DType type, DType norm_type) {
  static ProgramCache cache;
  return cache.get(key_of(type, norm_type), [&](ProgramBuilder& p) {
    Expr x = cast(p.input(type), norm_type), scale = cast(p.input(type), norm_type);
    p.output(cast(x * (scale / p.input(norm_type)), compute_type(type)), type);
  });
}

ProgramRef weight_norm_grad_program(DType type, DType norm_type) {
  static ProgramCache cache;
  return cache.get(key_of(type, norm_type), [&](ProgramBuilder& p) {
    auto load = [&](DType dtype) { return cast(p.input(dtype), norm_type); };
    Expr grad = load(type), x = load(type), scale = load(type), norm = load(norm_type), product = load(norm_type);
    p.output(cast(scale / norm * (grad - x * (product / (norm * norm))), compute_type(type)), type);
  });
}

ProgramRef weight_norm_scale_grad_program(DType type, DType norm_type) {
  static ProgramCache cache;
  return cache.get(key_of(type, norm_type), [&](ProgramBuilder& p) {
    Expr product = p.input(norm_type);
    p.output(cast(product / p.input(norm_type), compute_type(type)), type);
  });
}

Expr renorm(Expr x, Expr norm, Expr most) {
  return x * select(norm > most, most / (norm + literal_like(norm, 1e-7)), literal_like(norm, 1));
}

}  // namespace lineshaft::frontend::formulas
