// Ranges of bytes in a buffer or in shared memory, as a program, a guest or a file gives them: the one check for all.
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

// Throws Error(kInvalidArgument) unless all that the view and its indices lead to lies in a buffer of `total` bytes.
// The operation is one that validate() takes.
void require_inside(const TensorView& view, const Touch& touch, int64_t total);

}  // namespace lineshaft
