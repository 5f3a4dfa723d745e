#include "csrc/core/dtype.h"

#include <c10/util/Exception.h>

namespace lineshaft::frontend {

void unsupported_dtype(c10::ScalarType type) {
  TORCH_CHECK_TYPE(false, "lineshaft does not compute in ", c10::toString(type),
                   "; it has float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 and bool. "
                   "Convert the tensor with .to(dtype), or keep it on the CPU");
}

}  // namespace lineshaft::frontend
