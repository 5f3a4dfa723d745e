#include "csrc/core/set_data.h"

#include <ATen/EmptyTensor.h>
#include <ATen/core/VariableHooksInterface.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/library.h>

#include <type_traits>

#include "csrc/core/devices.h"

namespace lineshaft::torch {
namespace {

using at::TensorBase;
using at::impl::VariableHooksInterface;

// c10::TensorImpl::has_compatible_shallow_copy_type, with the device's tensors counted as those of CUDA are.
bool compatible(c10::DispatchKeySet self, c10::DispatchKeySet from) {
  using Backend = c10::BackendComponent;
  constexpr c10::DispatchKeySet backends({Backend::CPUBit, Backend::CUDABit, Backend::MPSBit, Backend::HIPBit,
                                          Backend::XPUBit, Backend::HPUBit, Backend::MTIABit, Backend::PrivateUse1Bit});
  auto both = [&](c10::DispatchKey layout) {
    auto is = [&](c10::DispatchKeySet keys) {
      return keys.has_any(c10::DispatchKeySet(layout)) && keys.has_any(backends);
    };
    return is(self) && is(from);
  };
  return self == from || both(c10::DispatchKey::Dense) || both(c10::DispatchKey::Sparse) ||
         both(c10::DispatchKey::SparseCsr);
}

bool is_ours(const TensorBase& tensor) {
  return tensor.defined() && tensor.device().type() == kDeviceType;
}

bool has_compatible_shallow_copy_type(const at::Tensor& self, const at::Tensor& from) {
  return compatible(self.key_set(), from.key_set());
}

// What VariableHooks::set_data does, but for its check.
void set_data(const TensorBase& self, const TensorBase& data) {
  TORCH_CHECK(
      !self.requires_grad() || c10::isFloatingType(data.scalar_type()) || c10::isComplexType(data.scalar_type()),
      "data set to a tensor that requires gradients must be floating point or complex dtype");
  if (auto* meta = ::torch::autograd::impl::get_autograd_meta(self)) {
    std::lock_guard lock(meta->mutex_);
    // What accumulates the gradient expects it where the tensor was.
    if (auto accumulator = meta->grad_accumulator_.lock();
        accumulator &&
        (accumulator->input_metadata(0).device() != data.device() || !data.options().type_equal(self.options())))
      meta->grad_accumulator_.reset();
  }
  self.unsafeGetTensorImpl()->shallow_copy_from(data.getIntrusivePtr());
}

template <class R, class... A>
R result_of(R (VariableHooksInterface::*)(A...) const);

// From PyTorch 2.14 on its set_data no longer asks the operator below (pytorch#196975). This class asks; all else it
// hands on. Nothing is marked `override`, so that a PyTorch with other hooks makes it abstract and does not end the
// build.
class SetDataHooks : public VariableHooksInterface {
 public:
  explicit SetDataHooks(const VariableHooksInterface& stock) : stock_(stock) {}

  void set_data(const TensorBase& self, const TensorBase& data) const {
    if ((is_ours(self) || is_ours(data)) && self.defined() && data.defined() &&
        compatible(self.key_set(), data.key_set()))
      return torch::set_data(self, data);
    stock_.set_data(self, data);
  }

  TensorBase tensor_data(const TensorBase& self) const { return stock_.tensor_data(self); }
  TensorBase variable_data(const TensorBase& self) const { return stock_.variable_data(self); }
  decltype(result_of(&VariableHooksInterface::grad_fn)) grad_fn(const TensorBase& self) const {
    return stock_.grad_fn(self);
  }
  unsigned _register_hook(const TensorBase& self, std::function<TensorBase(const TensorBase&)> hook) const {
    return stock_._register_hook(self, std::move(hook));
  }
  void remove_hook(const TensorBase& self, unsigned position) const { stock_.remove_hook(self, position); }
  bool is_view(const TensorBase& self) const { return stock_.is_view(self); }
  const TensorBase& base(const TensorBase& self) const { return stock_.base(self); }
  const std::string& name(const TensorBase& self) const { return stock_.name(self); }
  bool is_leaf(const TensorBase& self) const { return stock_.is_leaf(self); }
  int64_t output_nr(const TensorBase& self) const { return stock_.output_nr(self); }
  TensorBase data(const TensorBase& self) const { return stock_.data(self); }
  int64_t _version(const TensorBase& self) const { return stock_._version(self); }
  void retain_grad(const TensorBase& self) const { stock_.retain_grad(self); }
  bool retains_grad(const TensorBase& self) const { return stock_.retains_grad(self); }
  void _backward(const at::Tensor& self, at::TensorList inputs, const std::optional<at::Tensor>& gradient,
                 std::optional<bool> retain_graph, bool create_graph) const {
    stock_._backward(self, inputs, gradient, retain_graph, create_graph);
  }
  void requires_grad_(const TensorBase& self, bool value) const { stock_.requires_grad_(self, value); }
  void basic_autograd_not_implemented_fallback(const c10::OperatorHandle& op, c10::DispatchKeySet keys,
                                               ::torch::jit::Stack* stack) const {
    stock_.basic_autograd_not_implemented_fallback(op, keys, stack);
  }
  std::optional<c10::ScalarType> grad_dtype(const TensorBase& self) const { return stock_.grad_dtype(self); }
  void set_grad_dtype(const TensorBase& self, const std::optional<c10::ScalarType>& type) const {
    stock_.set_grad_dtype(self, type);
  }

 private:
  const VariableHooksInterface& stock_;
};

// Whether `tensor.data = other` works, tried with tensors without elements, for which no device is opened.
bool is_allowed() {
  auto storage = c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), 0, c10::DataPtr(nullptr, c10::Device(kDeviceType, 0)), nullptr, false);
  auto there =
      at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                               c10::scalarTypeToTypeMeta(c10::ScalarType::Float));
  at::Tensor here(at::detail::empty_cpu({0}, c10::ScalarType::Float));
  try {
    here.set_data(there);
  } catch (const c10::Error&) {
    return false;
  }
  return here.device() == there.device();
}

template <class H>
void install() {
  if constexpr (!std::is_abstract_v<H>) at::impl::SetVariableHooks(new H(*at::impl::GetVariableHooks()));
}

}  // namespace

bool allow_set_data_across_devices() {
  if (is_allowed()) return true;
  install<SetDataHooks>();
  return is_allowed();
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("_has_compatible_shallow_copy_type", &has_compatible_shallow_copy_type);
}

}  // namespace lineshaft::torch
