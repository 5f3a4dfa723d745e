#include "csrc/core/error.h"

#include <c10/util/Exception.h>

namespace lineshaft::torch {

void raise(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kOutOfMemory:
      TORCH_CHECK_WITH(OutOfMemoryError, false, error.what());
    case ErrorCode::kIndex:
      TORCH_CHECK_WITH(IndexError, false, error.what());
    case ErrorCode::kUnsupported:
      TORCH_CHECK_WITH(NotImplementedError, false, error.what());
    default:
      TORCH_CHECK(false, error.what());
  }
  std::abort();  // not reached: every case above throws
}

}  // namespace lineshaft::torch
