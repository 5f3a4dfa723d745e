#include "csrc/core/promote.h"

#include <ATen/ExpandUtils.h>
#include <ATen/native/TypeProperties.h>
#include <c10/core/DefaultDtype.h>

namespace lineshaft::torch {

c10::ScalarType promoted(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() == b.scalar_type() && a.dim() > 0 && b.dim() > 0) [[likely]]
    return a.scalar_type();
  at::native::ResultTypeState state;
  state = at::native::update_result_type_state(a, state);
  state = at::native::update_result_type_state(b, state);
  return at::native::result_type(state);
}

c10::ScalarType promoted(const at::Tensor& a, const at::Scalar& b) {
  at::native::ResultTypeState state;
  state = at::native::update_result_type_state(a, state);
  state = at::native::update_result_type_state(b, state);
  return at::native::result_type(state);
}

c10::ScalarType float_type(c10::ScalarType type) {
  return c10::isIntegralType(type, true) ? c10::typeMetaToScalarType(c10::get_default_dtype()) : type;
}

c10::SmallVector<int64_t, 8> broadcast_sizes(c10::IntArrayRef a, c10::IntArrayRef b) {
  if (a == b) return {a.begin(), a.end()};
  auto sizes = at::infer_size_dimvector(a, b);
  return {sizes.begin(), sizes.end()};
}

}  // namespace lineshaft::torch
