// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy as 1, 2, 3", 2011): four random words
// from a key and a counter, the same on every device. The key is a seed's low and high word; the counter's low half is
// given, its high half is 0.
#pragma once

#include <array>
#include <cstdint>

namespace lineshaft {

using PhiloxWords = std::array<uint32_t, 4>;

inline PhiloxWords philox(PhiloxWords counter, uint32_t key_low, uint32_t key_high) {
  for (int round = 0; round < 10; ++round) {
    uint64_t first = uint64_t{0xd2511f53u} * counter[0];
    uint64_t second = uint64_t{0xcd9e8d57u} * counter[2];
    counter = {static_cast<uint32_t>(second >> 32) ^ counter[1] ^ key_low, static_cast<uint32_t>(second),
               static_cast<uint32_t>(first >> 32) ^ counter[3] ^ key_high, static_cast<uint32_t>(first)};
    key_low += 0x9e3779b9u;
    key_high += 0xbb67ae85u;
  }
  return counter;
}

inline PhiloxWords philox(int64_t seed, int64_t counter) {
  auto key = static_cast<uint64_t>(seed), position = static_cast<uint64_t>(counter);
  return philox({static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32), 0, 0},
                static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32));
}

}  // namespace lineshaft
