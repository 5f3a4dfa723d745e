#include "csrc/ops/normalization.h"

#include <c10/util/Exception.h>

namespace lineshaft::torch {

void require_parameters(const at::Tensor& input, const OptionalTensor& first, const OptionalTensor& second) {
  auto half = input.scalar_type() == at::kHalf || input.scalar_type() == at::kBFloat16;
  for (const OptionalTensor* each : {&first, &second}) {
    if (!present(*each)) continue;
    auto type = (*each)->scalar_type();
    TORCH_CHECK(type == input.scalar_type() || (half && type == at::kFloat),
                "mixed dtype: expect parameter to have scalar type of ", half ? "Float or " : "", input.scalar_type(),
                " but found ", type);
  }
  if (present(first) && present(second))
    TORCH_CHECK(first->scalar_type() == second->scalar_type(), "expected scalar type ", first->scalar_type(),
                " but found ", second->scalar_type());
}

}  // namespace lineshaft::torch
