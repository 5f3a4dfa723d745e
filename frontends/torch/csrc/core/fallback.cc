#include "csrc/core/fallback.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/native/CPUFallback.h>
#include <torch/library.h>

#include <iostream>
#include <string_view>
#include <utility>

#include "csrc/core/derived.h"
#include "csrc/core/devices.h"
#include "csrc/core/generator.h"
#include "csrc/core/graph.h"
#include "csrc/core/kernel.h"

namespace lineshaft::torch {
namespace {

thread_local int host_reads = 0;
thread_local const std::string* running_on_cpu = nullptr;  // the operator that runs on the CPU now

// The CPU kernel gets a CPU generator that continues from the device's.
void replace_generators(const c10::OperatorHandle& op, ::torch::jit::Stack* stack) {
  const auto& arguments = op.schema().arguments();
  size_t first = stack->size() - arguments.size();
  for (size_t i = 0; i < arguments.size(); ++i) {
    auto type = arguments[i].type();
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    if (type->kind() != c10::TypeKind::GeneratorType) continue;
    c10::IValue& value = (*stack)[first + i];
    std::optional<at::Generator> given;
    if (!value.isNone()) given = value.toGenerator();
    if (given.has_value() && given->device().type() != kDeviceType) continue;
    Draw draw = reserve(given, current_device(), 1);
    value = at::detail::createCPUGenerator(static_cast<uint64_t>(draw.seed) +
                                           0x9e3779b97f4a7c15u * static_cast<uint64_t>(draw.offset));
  }
}

// A module's input that was left on the CPU leads here too: PyTorch picks some operators, as a convolution's, by it.
void require_no_host_tensor(const c10::OperatorHandle& op, const ::torch::jit::Stack& stack) {
  std::optional<c10::Device> ours, host;
  for (size_t i = stack.size() - op.schema().arguments().size(); i < stack.size(); ++i) {
    if (!stack[i].isTensor() || !stack[i].toTensor().defined()) continue;
    const at::Tensor& tensor = stack[i].toTensor();
    if (tensor.is_privateuseone())
      ours = tensor.device();
    else if (tensor.dim() > 0 && tensor.is_floating_point())
      host = tensor.device();
  }
  if (ours && host) raise_two_devices(*ours, *host);
}

void fall_back(const c10::OperatorHandle& op, ::torch::jit::Stack* stack) {
  if (run_derived(op, stack)) return;
  require_no_host_tensor(op, *stack);
  const auto& operator_name = op.schema().operator_name();
  std::string name = operator_name.name;
  if (!operator_name.overload_name.empty()) name += "." + operator_name.overload_name;
  bool first = count_fallback(name);
  if (fallback_mode() == FallbackMode::kError) {
    TORCH_CHECK_NOT_IMPLEMENTED(false, "lineshaft has no kernel for ", name,
                                ", and LINESHAFT_FALLBACK=error forbids the CPU. Unset it to let this operator run on "
                                "the CPU, or move the tensors "
                                "with .cpu()");
  }
  // Its result would be data that every replay repeats.
  TORCH_CHECK_NOT_IMPLEMENTED(!is_capturing(), "lineshaft has no kernel for ", name,
                              ", and what runs on the CPU cannot be captured in a graph; leave it out of the capture");
  if (first)
    std::cerr << "lineshaft: " << name
              << " has no kernel for the device and runs on the CPU (LINESHAFT_FALLBACK=error forbids it)\n";
  replace_generators(op, stack);
  struct Scope {
    explicit Scope(const std::string& name) : outer(std::exchange(running_on_cpu, &name)) {}
    ~Scope() { running_on_cpu = outer; }
    const std::string* outer;
  } scope(name);
  at::native::cpu_fallback(op, stack);
}

// Tensors of these kinds are refused whatever LINESHAFT_FALLBACK says: what an operator gives of them would have to
// come back to the device.
template <class Kind>
void refuse(const c10::OperatorHandle& op, ::torch::jit::Stack*) {
  TORCH_CHECK_NOT_IMPLEMENTED(false, "lineshaft has no kernel for ", op.schema().operator_name(), " of ", Kind::name,
                              " tensors; ", Kind::way);
}
struct Sparse {
  static constexpr auto name = "sparse", way = "make them dense with .to_dense(), or move them with .cpu()";
};
struct SparseCompressed {
  static constexpr auto name = "compressed sparse",
                        way = "move them with .cpu(), and make them dense there with .to_dense()";
};
struct Quantized {
  static constexpr auto name = "quantized", way = "keep them on the CPU, or move what .dequantize() gives";
};
struct Nested {
  static constexpr auto name = "nested", way = "keep them on the CPU, or pad them: torch.nested.to_padded_tensor";
};

}  // namespace

const std::string* operator_on_the_cpu() {
  return running_on_cpu;
}

void check_host_copy() {
  const char* label = Stream::current_label();
  if (!label || host_reads > 0 || fallback_mode() != FallbackMode::kError) return;
  std::string_view name = label;
  if (name == "aten::_copy_from" || name == "aten::_local_scalar_dense") return;
  TORCH_CHECK_NOT_IMPLEMENTED(
      false, name, " copies a tensor to the host, and LINESHAFT_FALLBACK=error forbids that inside an operator");
}

HostRead::HostRead() {
  ++host_reads;
}
HostRead::~HostRead() {
  --host_reads;
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
  m.fallback(::torch::CppFunction::makeFromBoxedFunction<&fall_back>());
}
TORCH_LIBRARY_IMPL(_, SparsePrivateUse1, m) {
  m.fallback(::torch::CppFunction::makeFromBoxedFunction<&refuse<Sparse>>());
}
TORCH_LIBRARY_IMPL(_, SparseCsrPrivateUse1, m) {
  m.fallback(::torch::CppFunction::makeFromBoxedFunction<&refuse<SparseCompressed>>());
}
TORCH_LIBRARY_IMPL(_, QuantizedPrivateUse1, m) {
  m.fallback(::torch::CppFunction::makeFromBoxedFunction<&refuse<Quantized>>());
}
TORCH_LIBRARY_IMPL(_, NestedTensorPrivateUse1, m) {
  m.fallback(::torch::CppFunction::makeFromBoxedFunction<&refuse<Nested>>());
}

}  // namespace lineshaft::torch
