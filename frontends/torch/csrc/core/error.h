// From Lineshaft's errors to PyTorch's: out of memory becomes torch.OutOfMemoryError, a bad index IndexError, a missing
// feature NotImplementedError, all else RuntimeError.
#pragma once

#include "csrc/core/namespace.h"
#include <lineshaft/lineshaft.h>

namespace lineshaft::torch {

[[noreturn]] void raise(const Error& error);

// f(), with Lineshaft's errors translated.
template <class F>
decltype(auto) translated(F&& f) {
  try {
    return f();
  } catch (const Error& error) {
    raise(error);
  }
}

}  // namespace lineshaft::torch
