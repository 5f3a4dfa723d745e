#include "csrc/core/pointwise.h"

#include <ATen/native/TypeProperties.h>
#include <c10/core/ScalarType.h>

namespace lineshaft::torch {

void PointwiseShape::add(const at::Tensor& tensor) {
  if (tensors.empty()) {
    sizes = tensor.sizes();
    type = tensor.scalar_type();
  } else {
    require_device(tensor, tensors[0]->device(), "an operand");
    if (sizes != tensor.sizes()) sizes = at::infer_size_dimvector(sizes, tensor.sizes());
  }
  tensors.push_back(&tensor);
  if (type == tensor.scalar_type()) return;
  at::native::ResultTypeState state;
  for (const at::Tensor* each : tensors) state = at::native::update_result_type_state(*each, state);
  type = at::native::result_type(state);
}

void require_arithmetic(const PointwiseShape& shape, bool floats) {
  bool taken = floats ? c10::isFloatingType(shape.type) : shape.type != c10::ScalarType::Bool;
  if (taken) return;
  const char* name = Stream::current_label();
  TORCH_CHECK_NOT_IMPLEMENTED(false, "\"", name ? name : "this operator", "\" not implemented for '",
                              c10::toString(shape.type), "'");
}

}  // namespace lineshaft::torch
