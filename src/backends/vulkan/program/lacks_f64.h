// The exception for devices without f64 arithmetic. The device then runs the operation by device/host_arithmetic.h.
#pragma once

#include "lineshaft/base/error.h"

namespace lineshaft::vulkan {

// An operation needs f64 arithmetic that the device lacks. Thrown before any of its outputs is written.
class LacksF64 : public Error {
 public:
  explicit LacksF64(const char* what);
};

}  // namespace lineshaft::vulkan
