// Unsigned keys that sort elements of any dtype in the order of the operations sort and topk.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "backends/cpu/storage.h"
#include "base/compiler.h"

namespace lineshaft::cpu {

template <size_t kBytes>
using UnsignedOf =
    std::conditional_t<kBytes == 1, uint8_t,
                       std::conditional_t<kBytes == 2, uint16_t, std::conditional_t<kBytes == 4, uint32_t, uint64_t>>>;

// An unsigned number in the order of the values: -0 equals 0, and NaN is larger than every number.
template <class T>
inline UnsignedOf<sizeof(T)> order_key(T value) {
  using U = UnsignedOf<sizeof(T)>;
  constexpr U kSign = static_cast<U>(U{1} << (8 * sizeof(T) - 1));
  U bits = std::bit_cast<U>(value);
  if constexpr (std::is_same_v<T, uint8_t>) {
    return bits;
  } else if constexpr (std::is_same_v<T, Bool>) {
    return bits != 0;
  } else if constexpr (std::is_integral_v<T>) {
    return bits ^ kSign;
  } else {
    constexpr U kInfinity = std::is_same_v<T, double>  ? static_cast<U>(uint64_t{0x7ff} << 52)
                            : std::is_same_v<T, float> ? static_cast<U>(0x7f800000u)
                            : std::is_same_v<T, Half>  ? static_cast<U>(0x7c00u)
                                                       : static_cast<U>(0x7f80u);
    U magnitude = bits & static_cast<U>(~kSign);
    U ordered = (bits & kSign) && magnitude ? static_cast<U>(~bits) : static_cast<U>(magnitude | kSign);
    return magnitude > kInfinity ? static_cast<U>(~U{0}) : ordered;
  }
}

// A key in the upper bits and the element's position in the lower bits. All packed keys are distinct, so that every
// sorting algorithm is stable.
template <size_t kBytes>
using PackedKey = std::conditional_t<kBytes <= 4, uint64_t, UInt128>;

template <class P>
inline constexpr int kPositionBits = sizeof(P) == 8 ? 32 : 64;

template <class P, class U>
inline P pack_key(U key, int64_t position) {
  return static_cast<P>(key) << kPositionBits<P> | static_cast<P>(position);
}
template <class P>
inline int64_t packed_position(P packed) {
  return static_cast<int64_t>(packed & ((P{1} << kPositionBits<P>)-1));
}

}  // namespace lineshaft::cpu
