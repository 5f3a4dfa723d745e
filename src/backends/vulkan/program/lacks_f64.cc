#include "backends/vulkan/program/lacks_f64.h"

namespace lineshaft::vulkan {

LacksF64::LacksF64(const char* what)
    : Error(ErrorCode::kUnsupported,
            concat(what,
                   " in f64: this device stores and converts f64 but does not compute in it; use f32, or the cpu "
                   "device")) {}

}  // namespace lineshaft::vulkan
