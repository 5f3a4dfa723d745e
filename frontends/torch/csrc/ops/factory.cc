// Tensors without contents, and their sizes: empty, resize_, set_.
#include <ATen/EmptyTensor.h>
#include <ATen/native/Resize.h>

#include "csrc/core/kernel.h"
#include "csrc/core/storage.h"
#include "csrc/core/tensor.h"

namespace lineshaft::torch {
namespace {

void check_options(std::optional<c10::Layout> layout, std::optional<bool> pinned) {
  TORCH_CHECK(!layout || *layout == c10::Layout::Strided, "lineshaft has strided tensors only; got layout ", *layout);
  TORCH_CHECK(!pinned || !*pinned, "Only dense CPU tensors can be pinned");
}

c10::DeviceIndex index_of(std::optional<c10::Device> device) {
  return device ? index_or_current(device->index()) : current_device();
}

c10::ScalarType type_of(std::optional<c10::ScalarType> type) {
  return c10::dtype_or_default(type);
}

// Under torch.use_deterministic_algorithms() memory that nobody wrote holds NaN or the dtype's largest number, so that
// what reads it is found.
bool fills_memory() {
  return at::globalContext().deterministicAlgorithms() && at::globalContext().deterministicFillUninitializedMemory();
}

at::Tensor filled(const at::Tensor& tensor) {
  if (!fills_memory() || tensor.numel() == 0) return tensor;
  if (tensor.is_floating_point()) return tensor.fill_(std::numeric_limits<double>::quiet_NaN());
  if (tensor.scalar_type() == at::kBool) return tensor.fill_(true);
  return tensor.fill_(largest_exact_integer(dtype_of(tensor.scalar_type())));
}

at::Tensor empty_memory_format(c10::IntArrayRef sizes, std::optional<c10::ScalarType> type,
                               std::optional<c10::Layout> layout, std::optional<c10::Device> device,
                               std::optional<bool> pinned, std::optional<c10::MemoryFormat> format) {
  check_options(layout, pinned);
  at::detail::check_size_nonnegative(sizes);
  return filled(empty(sizes, type_of(type), index_of(device), format.value_or(c10::MemoryFormat::Contiguous)));
}

at::Tensor empty_with_strides(c10::IntArrayRef sizes, c10::IntArrayRef strides, std::optional<c10::ScalarType> type,
                              std::optional<c10::Layout> layout, std::optional<c10::Device> device,
                              std::optional<bool> pinned) {
  check_options(layout, pinned);
  at::detail::check_size_nonnegative(sizes);
  return filled(empty_strided(sizes, strides, type_of(type), index_of(device)));
}

void ensure_storage(c10::TensorImpl& tensor) {
  if (tensor.numel() == 0) return;
  size_t bytes =
      at::detail::computeStorageNbytes(tensor.sizes(), tensor.strides(), tensor.itemsize(), tensor.storage_offset());
  grow_storage(*tensor.unsafe_storage().unsafeGetStorageImpl(), static_cast<int64_t>(bytes));
}

const at::Tensor& resize_(const at::Tensor& self, c10::IntArrayRef sizes, std::optional<c10::MemoryFormat> format) {
  c10::TensorImpl& tensor = *self.unsafeGetTensorImpl();
  at::detail::check_size_nonnegative(sizes);
  if (self.sizes() != sizes) {
    auto before = static_cast<int64_t>(self.storage().nbytes() / self.itemsize());
    tensor.set_sizes_contiguous(sizes);
    ensure_storage(tensor);
    auto now = static_cast<int64_t>(self.storage().nbytes() / self.itemsize());
    if (fills_memory() && now > before)
      filled(at::empty({0}, self.options()).set_(self.storage(), before, {now - before}, {1}));
  }
  if (format) {
    TORCH_CHECK(*format != c10::MemoryFormat::Preserve, "Unsupported memory format ", *format);
    tensor.empty_tensor_restride(*format);
  }
  return self;
}

at::Tensor& set_storage(at::Tensor& self, at::Storage source, int64_t offset, c10::IntArrayRef sizes,
                        c10::IntArrayRef strides) {
  TORCH_CHECK(offset >= 0, "Tensor: invalid storage offset ", offset);
  for (int64_t stride : strides)
    TORCH_CHECK(stride >= 0, "as_strided: Negative strides are not supported at the moment, got strides: ", strides);
  c10::TensorImpl& tensor = *self.unsafeGetTensorImpl();
  tensor.set_storage_keep_dtype(std::move(source));
  tensor.set_storage_offset(offset);
  if (strides.empty() && !sizes.empty())
    tensor.set_sizes_contiguous(sizes);
  else
    tensor.set_sizes_and_strides(sizes, strides);
  ensure_storage(tensor);
  return self;
}

at::Tensor& set_whole_storage(at::Tensor& self, at::Storage source) {
  auto elements = static_cast<int64_t>(source.nbytes() / self.itemsize());
  return set_storage(self, std::move(source), 0, {elements}, {1});
}

at::Tensor& set_tensor(at::Tensor& self, const at::Tensor& source) {
  if (self.is_same(source)) return self;
  return set_storage(self, source.storage(), source.storage_offset(), source.sizes(), source.strides());
}

at::Tensor& set_nothing(at::Tensor& self) {
  at::Tensor fresh = empty({0}, self.scalar_type(), self.device().index());
  return set_storage(self, fresh.storage(), 0, {0}, {1});
}

bool is_set_to(const at::Tensor& self, const at::Tensor& other) {
  return self.storage().unsafeGetStorageImpl() == other.storage().unsafeGetStorageImpl() &&
         self.storage_offset() == other.storage_offset() && self.sizes() == other.sizes() &&
         self.strides() == other.strides();
}

void record_stream(at::Tensor&, c10::Stream) {}  // a device has one order of execution

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&empty_memory_format>(m, "empty.memory_format");
  implement<&empty_with_strides>(m, "empty_strided");
  implement<&resize_>(m, "resize_");
  implement<&set_storage>(m, "set_.source_Storage_storage_offset");
  implement<&set_whole_storage>(m, "set_.source_Storage");
  implement<&set_tensor>(m, "set_.source_Tensor");
  implement<&set_nothing>(m, "set_");
  implement<&is_set_to>(m, "is_set_to");
  implement<&record_stream>(m, "record_stream");
}

}  // namespace lineshaft::torch
