// nextafter: the neighbour of a number toward another one, in the dtype that the result has.
#include <ATen/ops/result_type.h>

#include "csrc/core/family.h"
#include <lineshaft/frontend/formulas/number.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

at::Tensor run_nextafter(const at::Tensor& a, const at::Tensor& b, const at::Tensor* out, bool resize) {
  static ProgramCache caches[kDTypeCount];
  auto common = at::result_type(a, b);
  // Dtypes that are refused are run_binary's business.
  DType type = common == c10::kHalf || common == c10::kBFloat16 ? dtype_of(common) : DType::kF32;
  Elementwise info{.name = "nextafter",
                   .promotion = Promotion::kCommon,
                   .binary = formulas::nextafter_formula(type),
                   .check = &require_floating};
  return run_binary(info, caches[static_cast<int>(type)], a, b, out, resize);
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
