// The checks of ranges of bytes in a buffer or in shared memory that a program, a guest or a file gives.
#pragma once

#include <cstdint>

#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// Whether `size` bytes from `offset` on lie within `total` bytes, whatever the numbers are.
constexpr bool lies_within(int64_t offset, int64_t size, int64_t total) {
  return offset >= 0 && size >= 0 && size <= total && offset <= total - size;
}
constexpr bool lies_within(const ByteRange& range, int64_t total) {
  return range.begin >= 0 && range.begin <= range.end && range.end <= total;
}

// Throws Error(kInvalidArgument) unless all elements of the view, and all that its indices can lead to, lie in a buffer
// of `total` bytes. validate() must have accepted the operation.
void require_inside(const TensorView& view, const Touch& touch, int64_t total);

}  // namespace lineshaft
