// A 128-bit content hash for caches and handshakes. Not cryptographic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lineshaft/base/export.h"

namespace lineshaft {

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

// MurmurHash3 x64 128 (Austin Appleby, public domain algorithm). All platforms with the same byte order give the same
// value.
LINESHAFT_EXPORT Hash128 hash_bytes(const void* data, size_t size, uint64_t seed = 0);

// The hash as 32 hexadecimal digits.
LINESHAFT_EXPORT std::string to_hex(const Hash128& hash);

struct Hash128Hasher {
  size_t operator()(const Hash128& hash) const { return static_cast<size_t>(hash.low ^ (hash.high * 31)); }
};

}  // namespace lineshaft
