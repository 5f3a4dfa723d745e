// Buffers that get no memory, because there is none for them.
#pragma once

#include <cstdint>

namespace lineshaft {

// As the size of a creation: what touches the buffer fails with Error(kOutOfMemory).
constexpr int64_t kNoMemory = int64_t{1} << 61;

}  // namespace lineshaft
