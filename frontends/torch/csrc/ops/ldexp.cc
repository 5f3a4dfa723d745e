// ldexp: a number times a power of two. By an integer it is exact wherever the result is a number of the dtype; by a
// fraction it is what PyTorch makes of it, a product.
#include <ATen/ops/mul.h>
#include <ATen/ops/pow.h>

#include "csrc/core/pointwise.h"
#include "csrc/core/promote.h"
#include <lineshaft/frontend/formulas/number.h>

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

struct Shape {
  PointwiseShape shape;
  Shape(T self, T other) : shape(shape_of(self, other)) { shape.type = float_type(shape.type); }
};

void record_ldexp(c10::ScalarType type, T out, T self, T other) {
  auto of = [](T tensor) { return dtype_of(tensor.scalar_type()); };
  record_map(formulas::ldexp_program(dtype_of(type), of(self), of(other), of(out)), {&out}, {&self, &other});
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
