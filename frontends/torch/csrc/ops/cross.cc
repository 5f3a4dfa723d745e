// The cross product of vectors of three elements.
#include <ATen/ops/linalg_cross_meta.h>

#include <array>

#include "csrc/core/map.h"
#include "csrc/core/structured.h"
#include <lineshaft/frontend/formulas/arithmetic.h>

namespace lineshaft::torch {
namespace {

// One command: the three elements of each vector are inputs and outputs of their own.
void cross(Results out, const at::Tensor& self, const at::Tensor& other, int64_t dim) {
  TORCH_CHECK(self.scalar_type() == other.scalar_type(), "expected scalar type ", self.scalar_type(), " but found ",
              other.scalar_type());
  TORCH_CHECK_NOT_IMPLEMENTED(self.scalar_type() != at::kBool, "\"cross\" not implemented for 'Bool'");
  require_device(other, self.device(), "other");
  const at::Tensor& result = out[0];
  if (result.numel() == 0) return;
  std::array<at::Tensor, 3> outputs;
  std::array<at::Tensor, 6> inputs;
  at::Tensor a = self.expand(result.sizes()), b = other.expand(result.sizes());
  for (int i = 0; i < 3; ++i) {
    outputs[i] = result.select(dim, i);
    inputs[i] = a.select(dim, i);
    inputs[3 + i] = b.select(dim, i);
  }
  record_map(frontend::formulas::cross_program(dtype_of(self.scalar_type())), {&outputs[0], &outputs[1], &outputs[2]},
             {&inputs[0], &inputs[1], &inputs[2], &inputs[3], &inputs[4], &inputs[5]});
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_structured<at::meta::structured_linalg_cross, 1, &cross>(m, "linalg_cross", "linalg_cross.out");
}

}  // namespace
}  // namespace lineshaft::torch
