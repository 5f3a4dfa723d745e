// What a buffer must hold, as far as it was written from the host and no operation has touched it since.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "commands/range.h"

namespace lineshaft::fuzz {

class Shadow {
 public:
  explicit Shadow(int64_t size) : size_(size) {}

  int64_t size() const { return size_; }
  bool holds(int64_t offset, int64_t size) const { return lies_within(offset, size, size_); }

  void write(int64_t offset, std::span<const std::byte> data) {
    if (data.empty()) return;
    bytes_.resize(static_cast<size_t>(size_));
    known_.resize(static_cast<size_t>(size_));
    std::memcpy(bytes_.data() + offset, data.data(), data.size());
    std::memset(known_.data() + offset, 1, data.size());
  }
  void forget() { known_.assign(known_.size(), 0); }
  void forget(int64_t offset, int64_t size) {
    if (!known_.empty() && size > 0) std::memset(known_.data() + offset, 0, static_cast<size_t>(size));
  }
  // Whether these bytes may be what lies from `offset` on.
  bool agrees(int64_t offset, std::span<const std::byte> data) const {
    if (known_.empty()) return true;
    for (size_t i = 0; i < data.size(); ++i) {
      size_t at = static_cast<size_t>(offset) + i;
      if (known_[at] && bytes_[at] != data[i]) return false;
    }
    return true;
  }

 private:
  int64_t size_;
  std::vector<std::byte> bytes_;  // empty before the first write, as is known_
  std::vector<uint8_t> known_;
};

}  // namespace lineshaft::fuzz
