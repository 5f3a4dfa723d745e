// Forward-mode differentiation: tangents that are all zero and have no memory, and what glu() has a formula of its own
// for.
#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/native/TensorFactories.h>

#include "csrc/core/devices.h"
#include "csrc/core/dtype.h"
#include "csrc/core/kernel.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

// A tensor that PyTorch knows to be zero: the key ZeroTensor has kernels for what meets it, which never read it.
at::Tensor efficient_zero_tensor(c10::IntArrayRef sizes, std::optional<c10::ScalarType> type,
                                 std::optional<c10::Layout>, std::optional<c10::Device> device, std::optional<bool>) {
  c10::ScalarType scalar_type = c10::dtype_or_default(type);
  dtype_of(scalar_type);
  c10::DeviceIndex index = device ? index_or_current(device->index()) : current_device();
  at::native::ZeroTensorAllocator allocator({kDeviceType, index});
  auto keys = c10::DispatchKeySet(c10::DispatchKey::PrivateUse1) | c10::DispatchKeySet(c10::DispatchKey::ZeroTensor);
  return at::detail::empty_generic(sizes, &allocator, keys, scalar_type, std::nullopt);
}

struct Halves {
  at::Tensor first, second;
};
Halves split_in_half(T tensor, int64_t axis) {
  int64_t size = tensor.size(axis) / 2;
  return {tensor.narrow(axis, 0, size), tensor.narrow(axis, size, size)};
}

// glu = a s with s = sigmoid(b): the tangent is da s + glu (1 - s) db.
at::Tensor glu_jvp(T glu, T x, T dx, int64_t axis) {
  at::Tensor s = split_in_half(x, axis).second.sigmoid();
  auto [da, db] = split_in_half(dx, axis);
  return da * s + glu * (1 - s) * db;
}

// The gradient of glu is (g s, g a s (1 - s)); its tangent, with ds = s (1 - s) db.
at::Tensor glu_backward_jvp(T grad_x, T grad_glu, T x, T dgrad_glu, T dx, int64_t axis) {
  auto [a, b] = split_in_half(x, axis);
  auto [da, db] = split_in_half(dx, axis);
  at::Tensor first = grad_x.narrow(axis, 0, grad_glu.size(axis));
  at::Tensor s = b.sigmoid(), rest = 1 - s, ds = s * rest * db;
  at::Tensor dfirst = dgrad_glu * s + grad_glu * ds;
  at::Tensor dsecond = dfirst * a * rest + first * da * rest - first * a * ds;
  return at::cat({dfirst, dsecond}, axis);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&efficient_zero_tensor>(m, "_efficientzerotensor");
  implement<&glu_jvp>(m, "glu_jvp");
  implement<&glu_backward_jvp>(m, "glu_backward_jvp");
}

}  // namespace lineshaft::torch
