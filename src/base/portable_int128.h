// 128-bit integers of two 64-bit halves, for compilers that have none (base/compiler.h). They wrap, shift and divide as
// the built-in ones of GCC and Clang do.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>

namespace lineshaft {

template <bool kSigned>
class PortableInt128 {
 public:
  PortableInt128() = default;
  template <std::integral T>
  constexpr PortableInt128(T value) : low_(static_cast<uint64_t>(value)), high_(0) {  // as one integer becomes another
    if constexpr (std::signed_integral<T>) high_ = value < 0 ? ~uint64_t{0} : 0;
  }
  template <bool kOther>
  explicit constexpr PortableInt128(PortableInt128<kOther> other) : low_(other.low()), high_(other.high()) {}

  template <std::integral T>
  explicit constexpr operator T() const {
    return static_cast<T>(low_);
  }
  constexpr uint64_t low() const { return low_; }
  constexpr uint64_t high() const { return high_; }

  friend constexpr PortableInt128 operator+(PortableInt128 a, PortableInt128 b) {
    uint64_t low = a.low_ + b.low_;
    return halves(a.high_ + b.high_ + (low < a.low_ ? 1 : 0), low);
  }
  friend constexpr PortableInt128 operator-(PortableInt128 a, PortableInt128 b) {
    return halves(a.high_ - b.high_ - (a.low_ < b.low_ ? 1 : 0), a.low_ - b.low_);
  }
  friend constexpr PortableInt128 operator-(PortableInt128 a) { return PortableInt128(0) - a; }
  friend constexpr PortableInt128 operator*(PortableInt128 a, PortableInt128 b) {
    PortableInt128 product = whole_product(a.low_, b.low_);
    product.high_ += a.low_ * b.high_ + a.high_ * b.low_;
    return product;
  }
  // Towards 0, as everywhere in C++. The divisor is not 0.
  friend constexpr PortableInt128 operator/(PortableInt128 a, PortableInt128 b) {
    bool negative = a.is_negative() != b.is_negative();
    PortableInt128 quotient = magnitude_quotient(a.is_negative() ? -a : a, b.is_negative() ? -b : b);
    return negative ? -quotient : quotient;
  }

  // By 0 to 127 bits; to the right, a signed number keeps its sign.
  friend constexpr PortableInt128 operator<<(PortableInt128 a, int bits) {
    if (bits == 0) return a;
    if (bits >= 64) return halves(a.low_ << (bits - 64), 0);
    return halves(a.high_ << bits | a.low_ >> (64 - bits), a.low_ << bits);
  }
  friend constexpr PortableInt128 operator>>(PortableInt128 a, int bits) {
    if (bits == 0) return a;
    uint64_t fill = a.is_negative() ? ~uint64_t{0} : 0;
    if (bits == 64) return halves(fill, a.high_);
    if (bits > 64) return halves(fill, a.high_ >> (bits - 64) | fill << (128 - bits));
    return halves(a.high_ >> bits | fill << (64 - bits), a.low_ >> bits | a.high_ << (64 - bits));
  }
  friend constexpr PortableInt128 operator|(PortableInt128 a, PortableInt128 b) {
    return halves(a.high_ | b.high_, a.low_ | b.low_);
  }
  friend constexpr PortableInt128 operator&(PortableInt128 a, PortableInt128 b) {
    return halves(a.high_ & b.high_, a.low_ & b.low_);
  }

  constexpr PortableInt128& operator+=(PortableInt128 other) { return *this = *this + other; }
  constexpr PortableInt128& operator-=(PortableInt128 other) { return *this = *this - other; }
  constexpr PortableInt128& operator*=(PortableInt128 other) { return *this = *this * other; }

  friend constexpr bool operator==(PortableInt128 a, PortableInt128 b) {
    return a.high_ == b.high_ && a.low_ == b.low_;
  }
  friend constexpr std::strong_ordering operator<=>(PortableInt128 a, PortableInt128 b) {
    if (a.high_ == b.high_) return a.low_ <=> b.low_;
    if constexpr (kSigned) return static_cast<int64_t>(a.high_) <=> static_cast<int64_t>(b.high_);
    return a.high_ <=> b.high_;
  }

 private:
  static constexpr PortableInt128 halves(uint64_t high, uint64_t low) {
    PortableInt128 made(low);
    made.high_ = high;
    return made;
  }
  constexpr bool is_negative() const { return kSigned && high_ >> 63 != 0; }

  // By the four products of their halves of 32 bits.
  static constexpr PortableInt128 whole_product(uint64_t a, uint64_t b) {
    constexpr uint64_t kLow = 0xffffffff;
    uint64_t inner = (a >> 32) * (b & kLow), outer = (a & kLow) * (b >> 32), lowest = (a & kLow) * (b & kLow);
    uint64_t middle = (inner & kLow) + (outer & kLow) + (lowest >> 32);
    return halves((a >> 32) * (b >> 32) + (inner >> 32) + (outer >> 32) + (middle >> 32),
                  middle << 32 | (lowest & kLow));
  }

  // Long division, bit by bit, of what both are without a sign.
  static constexpr PortableInt128 magnitude_quotient(PortableInt128 a, PortableInt128 b) {
    using Unsigned = PortableInt128<false>;
    Unsigned dividend(a), divisor(b), rest(0), quotient(0);
    for (int bit = 127; bit >= 0; --bit) {
      bool carried = rest.high() >> 63 != 0;  // the rest then has a 129th bit
      rest = rest << 1 | (dividend >> bit & Unsigned(1));
      quotient = quotient << 1;
      if (!carried && rest < divisor) continue;
      rest -= divisor;
      quotient = quotient | Unsigned(1);
    }
    return PortableInt128(quotient);
  }

  uint64_t low_, high_;
};

}  // namespace lineshaft
