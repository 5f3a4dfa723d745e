// The first positions of what is not 0, as many as asked for: nothing waits for their number.
#include <ATen/ops/full.h>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;

// Along one axis, for each row of the result: the coordinate of its position, or the fill value past the last.
ProgramRef coordinate_program() {
  static ProgramCache cache;
  return cache.get(key_of(1), [](ProgramBuilder& p) {
    Expr position = p.input(DType::kI64), count = p.input(DType::kI64);
    Expr stride = p.arg(DType::kI64), size = p.arg(DType::kI64), fill = p.arg(DType::kI64);
    p.output(select(p.index(0) < count, rem(position / stride, size), fill), DType::kI64);
  });
}

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
  int64_t stride = 1;
  for (int64_t axis = self.dim(); axis-- > 0; stride *= self.size(axis)) {
    lineshaft::Scalar args[] = {lineshaft::Scalar::of(stride), lineshaft::Scalar::of(self.size(axis)),
                                lineshaft::Scalar::of(fill_value)};
    Tensor column = out.select(1, axis);
    record_map(coordinate_program(), {&column}, {&first, &count}, args);
  }
  return out;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&nonzero_static>(m, "nonzero_static");
}

}  // namespace lineshaft::torch
