#include "lineshaft/base/hash.h"

#include <cstdio>
#include <cstring>

namespace lineshaft {
namespace {

constexpr uint64_t kC1 = 0x87c37b91114253d5ULL;
constexpr uint64_t kC2 = 0x4cf5ad432745937fULL;

uint64_t rotate(uint64_t x, int r) {
  return (x << r) | (x >> (64 - r));
}

uint64_t finalize(uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccdULL;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53ULL;
  return k ^ (k >> 33);
}

}  // namespace

Hash128 hash_bytes(const void* data, size_t size, uint64_t seed) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  uint64_t h1 = seed, h2 = seed;
  size_t blocks = size / 16;
  for (size_t i = 0; i < blocks; ++i) {
    uint64_t k1, k2;
    std::memcpy(&k1, bytes + i * 16, 8);
    std::memcpy(&k2, bytes + i * 16 + 8, 8);
    h1 ^= rotate(k1 * kC1, 31) * kC2;
    h1 = (rotate(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= rotate(k2 * kC2, 33) * kC1;
    h2 = (rotate(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  unsigned char tail[16] = {};
  size_t rest = size - blocks * 16;
  if (rest) {
    std::memcpy(tail, bytes + blocks * 16, rest);
    uint64_t k1, k2;
    std::memcpy(&k1, tail, 8);
    std::memcpy(&k2, tail + 8, 8);
    h2 ^= rotate(k2 * kC2, 33) * kC1;
    h1 ^= rotate(k1 * kC1, 31) * kC2;
  }
  h1 ^= size;
  h2 ^= size;
  h1 += h2;
  h2 += h1;
  h1 = finalize(h1);
  h2 = finalize(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

std::string to_hex(const Hash128& hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text;
}

}  // namespace lineshaft
