#include "csrc/core/dtype.h"

#include <c10/util/Exception.h>

#include "csrc/core/fallback.h"

namespace lineshaft::torch {

void unsupported_dtype(c10::ScalarType type) {
  if (const std::string* name = operator_on_the_cpu())
    TORCH_CHECK_TYPE(false, "lineshaft has no kernel for ", *name, ", and what it gives on the CPU is ",
                     c10::toString(type),
                     ", which lineshaft does not have. Keep that part of the program on the CPU: "
                     "give the operator its input with .cpu()");
  TORCH_CHECK_TYPE(false, "lineshaft does not compute in ", c10::toString(type),
                   "; it has float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 and bool. "
                   "Convert the tensor with .to(dtype), or keep it on the CPU");
}

}  // namespace lineshaft::torch
