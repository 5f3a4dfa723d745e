// nextafter: the neighbour of a number toward another one, in the dtype that the result has.
#include <ATen/ops/result_type.h>

#include "csrc/core/family.h"
#include <lineshaft/frontend/formulas/number.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

template <Expr (*formula)(Expr, Expr)>
struct Nextafter {
  static constexpr Elementwise info{
      .name = "nextafter", .promotion = Promotion::kCommon, .binary = formula, .check = &require_floating};
};

at::Tensor run_nextafter(const at::Tensor& a, const at::Tensor& b, const at::Tensor* out, bool resize) {
  auto in = [&]<class Row>(Row) { return run_binary(Row::info, Variants<Row>::cache(), a, b, out, resize); };
  switch (at::result_type(a, b)) {
    case c10::kHalf:
      return in(Nextafter<formulas::nextafter_f16>());
    case c10::kBFloat16:
      return in(Nextafter<formulas::nextafter_bf16>());
    default:
      return in(Nextafter<lineshaft::nextafter>());
  }
}

at::Tensor nextafter_functional(const at::Tensor& a, const at::Tensor& b) {
  return run_nextafter(a, b, nullptr, true);
}
at::Tensor& nextafter_out(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
  run_nextafter(a, b, &out, true);
  return out;
}
at::Tensor& nextafter_in_place(at::Tensor& a, const at::Tensor& b) {
  run_nextafter(a, b, &a, false);
  return a;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&nextafter_functional>(m, "nextafter");
  implement<&nextafter_out>(m, "nextafter.out");
  implement<&nextafter_in_place>(m, "nextafter_");
}

}  // namespace
}  // namespace lineshaft::torch
