// Conversions between f32 and the two 16-bit float types, round to nearest even, NaN kept (quieted). Written without
// branches where they matter, so that compilers vectorize loops over them.
#pragma once

#include <bit>
#include <cstdint>

namespace lineshaft {

struct Half {
  uint16_t bits = 0;
};

struct BFloat16 {
  uint16_t bits = 0;
};

inline float to_float(BFloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}

inline BFloat16 to_bfloat16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return {static_cast<uint16_t>(nan ? 0x7fc0u | ((bits >> 16) & 0x8000u) : rounded)};
}

inline float to_float(Half value) {
  uint32_t sign = static_cast<uint32_t>(value.bits & 0x8000u) << 16;
  uint32_t magnitude = value.bits & 0x7fffu;
  // Shift exponent and mantissa into place, then let a multiplication by 2^112 handle subnormals exactly.
  float scaled = std::bit_cast<float>(magnitude << 13) * std::bit_cast<float>(0x77800000u);
  uint32_t bits = std::bit_cast<uint32_t>(scaled);
  uint32_t special = (magnitude << 13) | 0x7f800000u;
  return std::bit_cast<float>((magnitude >= 0x7c00u ? special : bits) | sign);
}

inline Half to_half(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t sign = (bits >> 16) & 0x8000u;
  uint32_t magnitude = bits & 0x7fffffffu;
  // Normal results: rebias the exponent and round to nearest even on the 13 dropped bits.
  uint32_t normal = (magnitude + 0xc8000fffu + ((magnitude >> 13) & 1u)) >> 13;
  // Subnormal results: adding 0.5 aligns the mantissa so that the low bits hold the rounded value.
  uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  uint32_t result = magnitude < 0x38800000u ? subnormal : normal;
  result = magnitude >= 0x477ff000u ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? 0x7e00u : result;
  return {static_cast<uint16_t>(result | sign)};
}

}  // namespace lineshaft
