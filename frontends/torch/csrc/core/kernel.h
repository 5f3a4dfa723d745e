// Registers a function as the device's kernel of an operator:
//
//   TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) { implement<&add_tensor>(m, "add.Tensor"); }
//
// The wrapper names the operator to the stream, for errors and profiles, and translates Lineshaft's errors.
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
  OperatorScope(const OperatorScope&) = delete;
  OperatorScope& operator=(const OperatorScope&) = delete;

 private:
  bool outermost_;
};

// "aten::" and the name, as text that lives forever.
const char* operator_label(const char* name);

template <auto function>
struct Kernel;

template <class R, class... A, R (*function)(A...)>
struct Kernel<function> {
  static inline const char* name = "?";
  static R call(A... arguments) {
    OperatorScope scope(name);
    try {
      return function(std::forward<A>(arguments)...);
    } catch (const Error& error) {
      raise(error);
    }
  }
};

// `name` is the operator's in the namespace `aten`, with its overload.
template <auto function>
void implement(torch::Library& library, const char* name) {
  Kernel<function>::name = operator_label(name);
  library.impl(name, &Kernel<function>::call);
}

}  // namespace lineshaft::frontend
