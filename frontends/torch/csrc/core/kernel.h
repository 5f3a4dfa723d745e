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

namespace lineshaft::frontend {

// While it lives, commands of this thread carry the operator's name. The outermost of Lineshaft's operators wins: it is
// the one that the user called.
class OperatorScope {
 public:
  explicit OperatorScope(const char* name) : outermost_(!Stream::current_label()) {
    if (outermost_) Stream::current_label() = name;
  }
  ~OperatorScope() {
    if (outermost_) Stream::current_label() = nullptr;
  }
  bool outermost() const { return outermost_; }
  OperatorScope(const OperatorScope&) = delete;
  OperatorScope& operator=(const OperatorScope&) = delete;

 private:
  bool outermost_;
};

// "aten::" and the name, as text that lives forever.
const char* operator_label(const char* name);

// The device that an operator with these arguments runs on: the first tensor's, else the current one.
template <class... A>
c10::DeviceIndex device_among(const A&... arguments) {
  c10::DeviceIndex device = -1;
  auto look = [&]<class T>(const T& argument) {
    if constexpr (std::is_same_v<T, at::Tensor>)
      if (device < 0 && argument.defined() && argument.is_privateuseone()) device = argument.device().index();
  };
  (look(arguments), ...);
  return device;
}

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

template <auto function, Dtypes dtypes>
struct Kernel;

template <class R, class... A, R (*function)(A...), Dtypes dtypes>
struct Kernel<function, dtypes> {
  static inline const char* name = "?";
  static R call(A... arguments) {
    OperatorScope scope(name);
    try {
      if constexpr (dtypes == Dtypes::kAlike) require_alike(arguments...);
      return function(std::forward<A>(arguments)...);
    } catch (const Error& error) {
      raise(error);
    } catch (c10::Error& error) {
      if (scope.outermost()) name_place(error, name, device_among(arguments...));
      throw;
    }
  }
};

// `name` is the operator's in the namespace `aten`, with its overload.
template <auto function, Dtypes dtypes = Dtypes::kAny>
void implement(torch::Library& library, const char* name) {
  Kernel<function, dtypes>::name = operator_label(name);
  library.impl(name, &Kernel<function, dtypes>::call);
}

}  // namespace lineshaft::frontend
