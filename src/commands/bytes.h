// Writing and reading of bytes, little-endian, for command lists, traces and frames. The reader does not trust its
// input: every read is checked against the bytes that are left, and every count is checked before memory is allocated
// for it. What does not fit throws Error(kProtocol).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "lineshaft/base/error.h"

namespace lineshaft {

static_assert(std::endian::native == std::endian::little, "formats are little-endian and copied as they lie in memory");

using Bytes = std::vector<std::byte>;

class ByteWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  void number(T value) { raw(&value, sizeof value); }
  void raw(const void* data, size_t size);
  void text(std::string_view text) {
    number(static_cast<uint32_t>(text.size()));
    raw(text.data(), text.size());
  }

  Bytes bytes;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : left_(bytes) {}

  size_t left() const { return left_.size(); }

  // The next `size` bytes; a pointer into the reader's input.
  const std::byte* raw(uint64_t size) {
    if (size > left_.size())
      fail(ErrorCode::kProtocol, "the bytes end early: ", size, " are announced, ", left_.size(), " are left");
    const std::byte* data = left_.data();
    left_ = left_.subspan(size);
    return data;
  }

  template <class T>
  requires std::is_arithmetic_v<T> T number() {
    if constexpr (std::is_same_v<T, bool>) {
      auto value = number<uint8_t>();
      if (value > 1) fail(ErrorCode::kProtocol, "a truth value is ", int{value}, "; it is 0 or 1");
      return value == 1;
    } else {
      T value;
      std::memcpy(&value, raw(sizeof value), sizeof value);
      return value;
    }
  }

  // Reads the number of items that follow, each of which takes at least `least` bytes.
  uint32_t count(size_t least) {
    auto value = number<uint32_t>();
    if (value > left_.size() / least)
      fail(ErrorCode::kProtocol, value, " items are announced, of ", least, " bytes or more; ", left_.size(),
           " bytes are left");
    return value;
  }

  std::string_view text(size_t limit) {
    uint32_t size = count(1);
    if (size > limit) fail(ErrorCode::kProtocol, "a text of ", size, " bytes is announced; the limit is ", limit);
    return {reinterpret_cast<const char*>(raw(size)), size};
  }

 private:
  std::span<const std::byte> left_;
};

}  // namespace lineshaft
