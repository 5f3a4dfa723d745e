// The first positions of what is not 0, as many as asked for: nothing waits for their number.
#include <ATen/ops/full.h>

#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"
#include <lineshaft/frontend/positions.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;

Tensor nonzero_static(const Tensor& self, int64_t size, int64_t fill_value) {
  TORCH_CHECK(size >= 0, "nonzero_static: 'size' must be an non-negative integer");
  auto device = self.device().index();
  Tensor out = empty({size, self.dim()}, c10::kLong, device);
  if (out.numel() == 0) return out;
  if (self.numel() == 0) return out.fill_(fill_value);
  Tensor positions = empty({std::max(size, self.numel())}, c10::kLong, device), count = empty({1}, c10::kLong, device);
  Tensor found = positions.narrow(0, 0, self.numel());
  stream_of(self).record(Compact{view_of(self), view_of(found), view_of(count)});
  Tensor first = positions.narrow(0, 0, size);
  frontend::TensorRef counted = ref_of(count);
  frontend::record_coordinates(stream_of(out), ref_of(first), span_of(self.sizes()), ref_of(out), &counted, fill_value);
  return out;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&nonzero_static>(m, "nonzero_static");
}

}  // namespace lineshaft::torch
