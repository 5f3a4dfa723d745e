// Registers a function as the device's kernel of an operator:
//
//   TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) { implement<&add_tensor>(m, "add.Tensor"); }
//
// The wrapper names the operator to the stream, for errors and profiles, translates Lineshaft's errors, and adds to
// PyTorch's where they were raised.
#pragma once

#include <torch/library.h>

#include <utility>

#include "csrc/core/error.h"
#include "csrc/core/graph.h"
#include <lineshaft/frontend/operator_scope.h>

namespace lineshaft::torch {

using frontend::OperatorScope;

// "aten::" and the name, as text that lives forever.
const char* operator_label(const char* name);

// The device that an operator with these arguments runs on: the first tensor's, else the current one.
template <class... A>
c10::DeviceIndex device_among(const A&... arguments) {
  c10::DeviceIndex device = -1;
  auto look = [&]<class T>(const T& argument) {
    if constexpr (std::is_same_v<T, at::Tensor>)
      if (device < 0 && argument.defined() && argument.is_privateuseone()) device = argument.device().index();
    if constexpr (std::is_same_v<T, at::TensorList>)
      for (const at::Tensor& each : argument)
        if (device < 0 && each.is_privateuseone()) device = each.device().index();
  };
  (look(arguments), ...);
  return device;
}

[[noreturn]] void raise_generator(c10::Device generator, c10::Device tensor);
[[noreturn]] void raise_two_devices(c10::Device first, c10::Device second);

// Adds the operator and its device to the text of an error: "(aten::mm on lineshaft:0)".
void name_place(c10::Error& error, const char* label, c10::DeviceIndex device);

// What an operator asks of the dtypes of its tensors, beside what its function checks.
enum class Dtypes : uint8_t {
  kAny,
  kAlike,  // all that are floating have one dtype
};

// Throws where tensors among the arguments are floating and of several dtypes.
template <class... A>
void require_alike(const A&... arguments) {
  auto first = c10::ScalarType::Undefined;
  auto look = [&](const at::Tensor& tensor) {
    if (!tensor.defined() || !c10::isFloatingType(tensor.scalar_type())) return;
    if (first == c10::ScalarType::Undefined) first = tensor.scalar_type();
    TORCH_CHECK(first == tensor.scalar_type(), "expected scalar type ", first, " but found ", tensor.scalar_type());
  };
  auto visit = [&]<class T>(const T& argument) {
    if constexpr (std::is_same_v<T, at::Tensor>)
      look(argument);
    else if constexpr (std::is_same_v<T, std::optional<at::Tensor>>)
      if (argument.has_value()) look(*argument);
  };
  (visit(arguments), ...);
}

// Where an operator's tensors may lie. Lists of tensors are its function's business.
enum class Devices : uint8_t {
  kOne,  // on one device of ours; tensors without axes on the CPU, which pass for numbers, and indices there too
  kAny,
};

// Throws where tensors among the arguments lie on several devices: a buffer of one is none of another.
template <class... A>
void require_one_device(const A&... arguments) {
  const at::Tensor *ours = nullptr, *host = nullptr;
  const at::Generator* generator = nullptr;
  auto look = [&](const at::Tensor& tensor) {
    if (!tensor.defined()) return;
    if (tensor.is_privateuseone()) {
      if (ours && ours->device() != tensor.device()) raise_two_devices(ours->device(), tensor.device());
      ours = &tensor;
    } else if (tensor.dim() > 0) {
      host = &tensor;
    }
  };
  auto visit = [&]<class T>(const T& argument) {
    if constexpr (std::is_same_v<T, at::Tensor>) {
      look(argument);
    } else if constexpr (std::is_same_v<T, std::optional<at::Tensor>>) {
      if (argument.has_value()) look(*argument);
    } else if constexpr (std::is_same_v<T, c10::List<std::optional<at::Tensor>>>) {
      for (const std::optional<at::Tensor>& each : argument)
        if (each.has_value() && each->is_privateuseone()) look(*each);
    } else if constexpr (std::is_same_v<T, std::optional<at::Generator>>) {
      if (argument.has_value() && argument->defined()) generator = &*argument;
    }
  };
  (visit(arguments), ...);
  if (ours && host) raise_two_devices(ours->device(), host->device());
  if (host && generator) raise_generator(generator->device(), host->device());
}

// The arguments of an operator that are lists of tensors which it writes, a bit for each, by its schema. PyTorch counts
// the versions of single tensors itself and leaves those of lists to the kernels. Gradients of fused optimizers are
// left out: they are written only where a scale is given.
uint64_t written_lists(const char* name);

// Autograd finds out by the version that what it saved was written since.
void count_version(const at::Tensor& tensor);
template <class... A>
void count_versions(uint64_t written, const A&... arguments) {
  auto visit = [&]<class T>(const T& argument) {
    if constexpr (std::is_same_v<T, at::TensorList>)
      if (written & 1)
        for (const at::Tensor& tensor : argument) count_version(tensor);
    written >>= 1;
  };
  (visit(arguments), ...);
}

template <auto function, Dtypes dtypes, Devices devices>
struct Kernel;

template <class R, class... A, R (*function)(A...), Dtypes dtypes, Devices devices>
struct Kernel<function, dtypes, devices> {
  static inline const char* name = "?";
  static inline uint64_t written = 0;
  static R call(A... arguments) {
    OperatorScope scope(name);
    try {
      if constexpr (devices == Devices::kOne) require_one_device(arguments...);
      if constexpr (dtypes == Dtypes::kAlike) require_alike(arguments...);
      if (is_capturing()) [[unlikely]]
        require_capturing_thread(device_among(arguments...));
      if constexpr (!(std::is_same_v<A, at::TensorList> || ...)) {
        return function(std::forward<A>(arguments)...);
      } else if constexpr (std::is_void_v<R>) {
        function(std::forward<A>(arguments)...);
        count_versions(written, arguments...);
      } else {
        R result = function(std::forward<A>(arguments)...);
        count_versions(written, arguments...);
        return result;
      }
    } catch (const Error& error) {
      raise(error);
    } catch (c10::Error& error) {
      if (scope.outermost()) name_place(error, name, device_among(arguments...));
      throw;
    }
  }
};

// `name` is the operator's in the namespace `aten`, with its overload.
template <auto function, Dtypes dtypes = Dtypes::kAny, Devices devices = Devices::kOne>
void implement(::torch::Library& library, const char* name) {
  using Wrapped = Kernel<function, dtypes, devices>;
  Wrapped::name = operator_label(name);
  Wrapped::written = written_lists(name);
  library.impl(name, &Wrapped::call);
}

}  // namespace lineshaft::torch
