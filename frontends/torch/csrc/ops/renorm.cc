// Slices along an axis, scaled to a largest norm.
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/renorm_meta.h>

#include "csrc/core/pointwise.h"
#include "csrc/core/structured.h"
#include <lineshaft/frontend/formulas/weight_norm.h>

namespace lineshaft::torch {
namespace {

void renorm(Results out, const at::Tensor& self, const at::Scalar& p, int64_t dim, const at::Scalar& most) {
  dim = c10::maybe_wrap_dim(dim, self.dim());
  c10::DimVector others;
  for (int64_t i = 0; i < self.dim(); ++i)
    if (i != dim) others.push_back(i);
  auto type = self.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  at::Tensor norm = at::linalg_vector_norm(self, p.toDouble(), others, true, type);
  pointwise_in<formulas::renorm>(type, out[0], self, norm, most);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_structured<at::meta::structured_renorm, 1, &renorm>(m, "renorm", "renorm.out");
}

}  // namespace
}  // namespace lineshaft::torch
