// Special functions: Bessel functions of imaginary argument, the scaled complementary error function and polygamma.
#include <ATen/ops/i0_meta.h>
#include <ATen/ops/polygamma_meta.h>
#include <ATen/ops/special_erfcx_meta.h>
#include <ATen/ops/special_i0e_meta.h>
#include <ATen/ops/special_i1_meta.h>
#include <ATen/ops/special_i1e_meta.h>
#include <ATen/ops/special_modified_bessel_i0_meta.h>
#include <ATen/ops/special_modified_bessel_i1_meta.h>

#include "csrc/core/pointwise.h"
#include "csrc/core/promote.h"
#include "csrc/core/structured.h"
#include <lineshaft/frontend/formulas/special.h>

namespace lineshaft::torch {
namespace {

template <auto formula, class Name>
void unary(Results out, const at::Tensor& self) {
  pointwise_in<formula>(float_type(self.scalar_type()), out[0], self);
}

void polygamma(Results out, int64_t order, const at::Tensor& self) {
  DType type = dtype_of(out[0].scalar_type()), from = dtype_of(self.scalar_type());
  record_map(formulas::polygamma_program(order, from, type), {&out[0]}, {&self});
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement_structured<structured_i0, 1, &unary<formulas::i0, structured_i0>>(m, "i0", "i0.out");
  implement_structured<structured_special_i0e, 1, &unary<formulas::i0e, structured_special_i0e>>(m, "special_i0e",
                                                                                                 "special_i0e.out");
  implement_structured<structured_special_i1, 1, &unary<formulas::i1, structured_special_i1>>(m, "special_i1",
                                                                                              "special_i1.out");
  implement_structured<structured_special_i1e, 1, &unary<formulas::i1e, structured_special_i1e>>(m, "special_i1e",
                                                                                                 "special_i1e.out");
  implement_structured<structured_special_modified_bessel_i0, 1,
                       &unary<formulas::i0, structured_special_modified_bessel_i0>>(m, "special_modified_bessel_i0",
                                                                                    "special_modified_bessel_i0.out");
  implement_structured<structured_special_modified_bessel_i1, 1,
                       &unary<formulas::i1, structured_special_modified_bessel_i1>>(m, "special_modified_bessel_i1",
                                                                                    "special_modified_bessel_i1.out");
  implement_structured<structured_special_erfcx, 1, &unary<formulas::erfcx, structured_special_erfcx>>(
      m, "special_erfcx", "special_erfcx.out");
  implement_structured<structured_polygamma, 1, &polygamma>(m, "polygamma", "polygamma.out");
}

}  // namespace lineshaft::torch
