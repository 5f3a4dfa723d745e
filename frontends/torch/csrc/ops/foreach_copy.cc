// The foreach operators beside the arithmetic: copies, zeros and norms.
#include <ATen/ops/linalg_vector_norm.h>

#include "csrc/core/kernel.h"
#include "csrc/ops/each.h"
#include <lineshaft/frontend/formulas/sequence.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
using at::TensorList;

void copy_(TensorList self, TensorList source, bool non_blocking) {
  require_same_length(self, source);
  if (!is_uniform({self, source})) {
    for (size_t i = 0; i < self.size(); ++i) self[i].copy_(source[i], non_blocking);
    return;
  }
  Each each(identity_program(dtype_of(self[0].scalar_type())));
  for (size_t i = 0; i < self.size(); ++i) {
    each.input(source[i]);
    each.output(self[i]);
  }
  each.record(stream_of(self[0]));
}

void zero_(TensorList self) {
  if (!is_uniform({self})) {
    for (const Tensor& tensor : self) tensor.zero_();
    return;
  }
  Each each(frontend::formulas::zeros_program(dtype_of(self[0].scalar_type())));
  for (const Tensor& tensor : self) each.output(tensor);
  each.record(stream_of(self[0]));
}

std::vector<Tensor> norm(TensorList self, const c10::Scalar& order, std::optional<c10::ScalarType> dtype) {
  std::vector<Tensor> out;
  for (const Tensor& tensor : self) out.push_back(at::linalg_vector_norm(tensor, order, std::nullopt, false, dtype));
  return out;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&copy_>(m, "_foreach_copy_");
  implement<&zero_>(m, "_foreach_zero_");
  implement<&norm>(m, "_foreach_norm.Scalar");
}

}  // namespace
}  // namespace lineshaft::torch
