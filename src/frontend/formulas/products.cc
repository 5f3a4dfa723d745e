#include "lineshaft/frontend/formulas/products.h"

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

ProgramRef product_epilogue_program(DType dtype, bool addend, bool scaled) {
  static ProgramCache cache;
  return cache.get(key_of(dtype, addend, scaled), [&](ProgramBuilder& p) {
    DType compute = compute_type(dtype);
    Expr product = p.input(compute);
    if (scaled) product = p.arg(compute) * product;
    if (addend) {
      Expr value = p.input(dtype);
      if (scaled) value = p.arg(compute) * value;
      product = value + product;
    }
    p.output(product, dtype);
  });
}

ProgramRef bias_program(DType result, DType bias) {
  static ProgramCache cache;
  return cache.get(key_of(result, bias), [&](ProgramBuilder& p) {
    Expr sum = p.input(compute_type(result));
    p.output(sum + cast(p.input(bias), sum.type), result);
  });
}

ProgramRef dot_program(DType dtype) {
  static ProgramCache cache;
  return cache.get(key_of(dtype), [&](ProgramBuilder& p) {
    DType sum = accumulate_type(dtype);
    Expr x = cast(p.input(dtype), sum);
    p.output(x * cast(p.input(dtype), sum), sum);
  });
}

}  // namespace lineshaft::frontend::formulas
