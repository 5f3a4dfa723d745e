// ldexp: a number times a power of two. By an integer it is exact wherever the result is a number of the dtype; by a
// fraction it is what PyTorch makes of it, a product.
#include <ATen/ops/mul.h>
#include <ATen/ops/pow.h>

#include "csrc/core/pointwise.h"
#include "csrc/core/promote.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

// In three steps, each of which the dtype holds: the power alone may be infinite where the product is not.
Expr scaled_by_power(Expr x, Expr exponent) {
  double step = x.type == DType::kF64 ? 1022 : 126;  // beyond three of them every result is infinite or 0
  Expr n = min(max(exponent, literal_like(exponent, -3 * step)), literal_like(exponent, 3 * step));
  Expr third = trunc(n / 3.0);
  return x * exp2(third) * exp2(third) * exp2(n - third * 2.0);
}

struct Shape {
  PointwiseShape shape;
  Shape(T self, T other) : shape(shape_of(self, other)) { shape.type = float_type(shape.type); }
};

// The exponent is not rounded to the result's dtype: bf16 does not hold every integer that matters.
void record_ldexp(c10::ScalarType type, T out, T self, T other) {
  static ProgramCache cache;
  DType common = dtype_of(type), from = dtype_of(self.scalar_type()), exponent = dtype_of(other.scalar_type()),
        to = dtype_of(out.scalar_type());
  ProgramRef program = cache.get(key_of(common, from, exponent, to), [&](ProgramBuilder& p) {
    Expr x = convert(p.input(from), from, common), n = cast(p.input(exponent), compute_type(common));
    Expr value = scaled_by_power(x, n);
    p.output(convert(common == to ? value : narrow(value, common), common, to), to);
  });
  record_map(program, {&out}, {&self, &other});
}

bool is_fraction(T other) {
  return c10::isFloatingType(other.scalar_type());
}

at::Tensor ldexp(T self, T other) {
  if (is_fraction(other)) return at::mul(self, at::pow(2.0, other));
  Shape made(self, other);
  at::Tensor out = made.shape.make();
  record_ldexp(made.shape.type, out, self, other);
  return out;
}

at::Tensor& ldexp_out(T self, T other, at::Tensor& out) {
  if (is_fraction(other)) return at::mul_out(out, self, at::pow(2.0, other));
  Shape made(self, other);
  resize_result(out, made.shape.sizes, made.shape.type, Stored::kCast, made.shape.tensors);
  record_ldexp(made.shape.type, out, self, other);
  return out;
}

at::Tensor& ldexp_in_place(at::Tensor& self, T other) {
  if (is_fraction(other)) return self.mul_(at::pow(2.0, other));
  Shape made(self, other);
  require_castable(made.shape.type, self);
  TORCH_CHECK(made.shape.sizes == self.sizes(), "output with shape ", self.sizes(),
              " doesn't match the broadcast shape ", made.shape.sizes);
  record_ldexp(made.shape.type, self, self, other);
  return self;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&ldexp>(m, "ldexp.Tensor");
  implement<&ldexp_out>(m, "ldexp.out");
  implement<&ldexp_in_place>(m, "ldexp_");
}

}  // namespace
}  // namespace lineshaft::torch
