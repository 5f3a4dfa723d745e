// Ranges of bytes in a buffer, as a program or a guest gives them.
#pragma once

#include <cstdint>

namespace lineshaft {

// Whether `size` bytes from `offset` on lie within `total` bytes, whatever the numbers are.
constexpr bool lies_within(int64_t offset, int64_t size, int64_t total) {
  return offset >= 0 && size >= 0 && size <= total && offset <= total - size;
}

}  // namespace lineshaft
