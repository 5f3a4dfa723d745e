#include "csrc/core/tensor.h"

#include <ATen/EmptyTensor.h>
#include <ATen/MemoryOverlap.h>
#include <ATen/TensorUtils.h>
#include <ATen/native/Resize.h>
#include <c10/core/TensorImpl.h>
#include <c10/util/strides.h>

#include "csrc/core/error.h"

namespace lineshaft::torch {
namespace {

[[noreturn]] void raise_not_ours(const at::Tensor& tensor) {
  TORCH_CHECK(false, "a lineshaft operator got a tensor on ", tensor.device(), "; move it with .to(\"lineshaft\")");
}

inline void require_ours(const at::Tensor& tensor) {
  if (!on_device(tensor)) [[unlikely]]
    raise_not_ours(tensor);
}

[[noreturn]] void raise_outside(const c10::TensorImpl& tensor, int64_t needed, int64_t bytes) {
  TORCH_CHECK(false, "a tensor of sizes ", tensor.sizes(), " and strides ", tensor.strides(), " needs ", needed,
              " bytes of its storage, which has ", bytes, " since it was resized");
}

// A storage may have been made smaller since the view of it was made.
inline void require_inside(const c10::TensorImpl& tensor, const c10::StorageImpl& storage) {
  auto sizes = tensor.sizes(), strides = tensor.strides();
  int64_t end = tensor.storage_offset() + 1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0) return;
    end += (sizes[i] - 1) * strides[i];
  }
  auto needed = end * static_cast<int64_t>(tensor.itemsize()), bytes = static_cast<int64_t>(storage.nbytes());
  if (needed > bytes) [[unlikely]]
    raise_outside(tensor, needed, bytes);
}

}  // namespace

frontend::TensorRef ref_of(const at::Tensor& tensor) {
  frontend::TensorRef ref;
  if (!tensor.defined()) return ref;
  const c10::TensorImpl* impl = tensor.unsafeGetTensorImpl();
  require_ours(tensor);
  const c10::StorageImpl& storage = *impl->unsafe_storage().unsafeGetStorageImpl();
  const Allocation* allocation = allocation_of(storage.data_ptr());
  if (allocation) require_connected(*allocation);
  require_inside(*impl, storage);
  ref.dtype = dtype_of(tensor.scalar_type());
  ref.buffer = allocation ? allocation->buffer : frontend::placeholder(tensor.device().index());
  ref.offset = allocation ? impl->storage_offset() * static_cast<int64_t>(impl->itemsize()) : 0;
  auto sizes = impl->sizes(), strides = impl->strides();
  ref.sizes = {sizes.data(), sizes.size()};
  ref.strides = {strides.data(), strides.size()};
  return ref;
}

TensorView view_of(const at::Tensor& tensor) {
  return frontend::view_of(ref_of(tensor));
}

TensorView view_of(const at::Tensor& tensor, c10::IntArrayRef sizes) {
  return frontend::view_of(ref_of(tensor), {sizes.data(), sizes.size()});
}

Stream& stream_of(const at::Tensor& tensor) {
  require_ours(tensor);
  return stream(tensor.device().index());
}

at::Tensor empty_strided(c10::IntArrayRef sizes, c10::IntArrayRef strides, c10::ScalarType type,
                         c10::DeviceIndex device) {
  dtype_of(type);
  at::detail::check_size_nonnegative(sizes);
  size_t item = c10::elementSize(type);
  size_t bytes = at::detail::computeStorageNbytes(sizes, strides, item);
  auto storage = c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), bytes, allocate(device, static_cast<int64_t>(bytes)), allocator(), true);
  auto tensor = at::detail::make_tensor<c10::TensorImpl>(
      std::move(storage), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::scalarTypeToTypeMeta(type));
  if (sizes.size() != 1 || sizes[0] != 0 || strides[0] != 1)
    tensor.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
  return tensor;
}

at::Tensor empty(c10::IntArrayRef sizes, c10::ScalarType type, c10::DeviceIndex device, c10::MemoryFormat format) {
  if (format == c10::MemoryFormat::Contiguous)
    return empty_strided(sizes, c10::contiguous_strides(sizes), type, device);
  at::Tensor tensor = empty(sizes, type, device);
  tensor.unsafeGetTensorImpl()->empty_tensor_restride(format);
  return tensor;
}

at::Tensor empty_like(const at::Tensor& tensor) {
  return empty_like(tensor, tensor.scalar_type());
}

at::Tensor empty_like(const at::Tensor& tensor, c10::ScalarType type) {
  if (tensor.is_non_overlapping_and_dense())
    return empty_strided(tensor.sizes(), tensor.strides(), type, tensor.device().index());
  return empty(tensor.sizes(), type, tensor.device().index(), tensor.suggest_memory_format());
}

at::Tensor contiguous(const at::Tensor& tensor) {
  return tensor.contiguous();
}

void raise_device(const at::Tensor& tensor, c10::Device device, const char* what) {
  TORCH_CHECK(false, "Expected all tensors to be on the same device, but found at least two devices, ", device, " and ",
              tensor.device(), "! (when checking argument ", what, ")");
}

void resize_out(const at::Tensor& out, c10::IntArrayRef sizes, c10::ScalarType type, Stored how) {
  TORCH_CHECK(on_device(out), "Expected out tensor to have device ", c10::DeviceTypeName(kDeviceType, true),
              ", but got ", out.device(), " instead");
  if (how == Stored::kCast) {
    require_castable(type, out);
  } else {
    TORCH_CHECK(out.scalar_type() == type, "Expected out tensor to have dtype ", c10::scalarTypeToTypeMeta(type),
                ", but got ", out.dtype(), " instead");
  }
  if (out.sizes() != sizes) at::native::resize_output(out, sizes);
  if (!out.is_non_overlapping_and_dense()) at::assert_no_internal_overlap(out);
}

at::Tensor& store_out(const at::Tensor& result, at::Tensor& out, Stored how) {
  TORCH_CHECK(out.device() == result.device(), "Expected out tensor to have device ", result.device(), ", but got ",
              out.device(), " instead");
  bool fits = out.sizes() == result.sizes();
  resize_out(out, result.sizes(), result.scalar_type(), how);
  if (!fits && result.is_non_overlapping_and_dense()) out.as_strided_(result.sizes(), result.strides());
  return out.copy_(result);
}

void require_castable(c10::ScalarType from, const at::Tensor& out) {
  TORCH_CHECK(c10::canCast(from, out.scalar_type()), "result type ", c10::toString(from),
              " can't be cast to the desired output type ", c10::toString(out.scalar_type()));
}

void require_floats(const char* name, const at::Tensor& tensor) {
  TORCH_CHECK_NOT_IMPLEMENTED(c10::isFloatingType(tensor.scalar_type()), '"', name, "\" not implemented for '",
                              c10::toString(tensor.scalar_type()), "'");
}

}  // namespace lineshaft::torch
