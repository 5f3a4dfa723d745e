// Buffers without memory, for which a guest's quota left no room.
#pragma once

#include <cstdint>

namespace lineshaft {

// The size of such a buffer in kCreate. A command that touches the buffer fails with Error(kOutOfMemory).
constexpr int64_t kNoMemory = int64_t{1} << 61;

}  // namespace lineshaft
