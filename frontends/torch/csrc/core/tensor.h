// Tensors as views, and new tensors. What every operator starts from.
#pragma once

#include <ATen/core/Tensor.h>

#include "csrc/core/devices.h"
#include "csrc/core/dtype.h"
#include "csrc/core/memory.h"
#include <lineshaft/frontend/tensor_ref.h>

namespace lineshaft::torch {

using OptionalTensor = std::optional<at::Tensor>;

inline bool present(const OptionalTensor& tensor) {
  return tensor.has_value() && tensor->defined();
}

inline bool on_device(const at::Tensor& tensor) {
  return tensor.is_privateuseone();
}

inline std::span<const int64_t> span_of(c10::IntArrayRef sizes) {
  return {sizes.data(), sizes.size()};
}

// The tensor as the shared layer takes it, while it lives. One that is undefined gives an absent one.
frontend::TensorRef ref_of(const at::Tensor& tensor);

// The tensor's elements. Axes that step evenly are merged where its rank passes 8. A tensor that is undefined gives an
// absent view.
TensorView view_of(const at::Tensor& tensor);
inline TensorView view_of(const OptionalTensor& tensor) {
  return present(tensor) ? view_of(*tensor) : TensorView{};
}
// The same, broadcast to `sizes` (rank 8 at most), as expand() would.
TensorView view_of(const at::Tensor& tensor, c10::IntArrayRef sizes);

// The stream of the tensor's device.
Stream& stream_of(const at::Tensor& tensor);

// New tensors. `empty_like` keeps the strides of a dense tensor.
at::Tensor empty(c10::IntArrayRef sizes, c10::ScalarType type, c10::DeviceIndex device,
                 c10::MemoryFormat format = c10::MemoryFormat::Contiguous);
at::Tensor empty_strided(c10::IntArrayRef sizes, c10::IntArrayRef strides, c10::ScalarType type,
                         c10::DeviceIndex device);
at::Tensor empty_like(const at::Tensor& tensor);
at::Tensor empty_like(const at::Tensor& tensor, c10::ScalarType type);

// Row-major and dense; a copy on the device where it is not already.
at::Tensor contiguous(const at::Tensor& tensor);

// Throws what PyTorch throws when tensors lie on different devices.
[[noreturn]] void raise_device(const at::Tensor& tensor, c10::Device device, const char* what);
inline void require_device(const at::Tensor& tensor, c10::Device device, const char* what) {
  if (tensor.device() != device) [[unlikely]]
    raise_device(tensor, device, what);
}

// How an operator stores its result to a caller's `out`.
enum class Stored : uint8_t {
  kExactly,  // `out` has the result's dtype
  kCast,     // or one to which that may be cast
};
// Every out= form comes through here: checks that `out` takes a result of dtype `type`, gives it the result's sizes
// (one with elements and of other sizes is warned about, as PyTorch does), and throws where its elements share memory.
void resize_out(const at::Tensor& out, c10::IntArrayRef sizes, c10::ScalarType type, Stored how = Stored::kExactly);
// The same, and copies the result to it. An `out` of other sizes gets the result's strides too.
at::Tensor& store_out(const at::Tensor& result, at::Tensor& out, Stored how = Stored::kExactly);
// Throws unless `from` may be stored to `out` without a change of kind: float to integer and such.
void require_castable(c10::ScalarType from, const at::Tensor& out);
// Throws NotImplementedError unless a tensor holds floats.
void require_floats(const char* name, const at::Tensor& tensor);

}  // namespace lineshaft::torch
