// Sorting of packed keys (order_key.h).
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "backends/cpu/order_key.h"

namespace lineshaft::cpu {

// Sorts `keys`, whose upper `key_bits` above the position are in use and whose positions ascend; `spare` has the same
// size. Returns the one of the two that holds the result.
template <class P>
P* sort_packed(P* keys, P* spare, int64_t count, int key_bits) {
  if (count <= 256) {
    std::sort(keys, keys + count);
    return keys;
  }
  constexpr int kDigitBits = 8, kBuckets = 1 << kDigitBits, kMaxDigits = 8;
  int digits = key_bits / kDigitBits;
  auto digit_of = [](P key, int digit) {
    return static_cast<uint32_t>(key >> (kPositionBits<P> + digit * kDigitBits)) & (kBuckets - 1);
  };
  std::array<std::array<int64_t, kBuckets>, kMaxDigits> counts{};
  for (int64_t i = 0; i < count; ++i)
    for (int digit = 0; digit < digits; ++digit) ++counts[digit][digit_of(keys[i], digit)];
  for (int digit = 0; digit < digits; ++digit) {
    auto& places = counts[digit];
    if (places[digit_of(keys[0], digit)] == count) continue;  // all alike
    int64_t place = 0;
    for (int64_t& entry : places) place += std::exchange(entry, place);
    for (int64_t i = 0; i < count; ++i) spare[places[digit_of(keys[i], digit)]++] = keys[i];
    std::swap(keys, spare);
  }
  return keys;
}

}  // namespace lineshaft::cpu
