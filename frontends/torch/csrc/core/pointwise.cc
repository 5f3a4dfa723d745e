#include "csrc/core/pointwise.h"

#include <c10/core/ScalarType.h>

namespace lineshaft::frontend {

void PointwiseShape::add(const at::Tensor& tensor) {
  if (tensors.empty()) {
    sizes = tensor.sizes();
    type = tensor.scalar_type();
  } else {
    require_device(tensor, tensors[0]->device(), "an operand");
    if (sizes != tensor.sizes()) sizes = at::infer_size_dimvector(sizes, tensor.sizes());
    if (type != tensor.scalar_type()) type = c10::promoteTypes(type, tensor.scalar_type());
  }
  tensors.push_back(&tensor);
}

void require_floating(const PointwiseShape& shape) {
  const char* name = Stream::current_label();
  TORCH_CHECK_NOT_IMPLEMENTED(c10::isFloatingType(shape.type), "\"", name ? name : "this operator",
                              "\" not implemented for '", c10::toString(shape.type), "'");
}

}  // namespace lineshaft::frontend
