#include "base/portable_int128.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <type_traits>
#include <utility>

#include "base/compiler.h"

namespace lineshaft {
namespace {

using Signed = PortableInt128<true>;
using Unsigned = PortableInt128<false>;

static_assert(std::is_trivially_copyable_v<Unsigned> && sizeof(Unsigned) == 16);

template <class T>
std::pair<uint64_t, uint64_t> high_and_low(T value) {
  return {static_cast<uint64_t>(value >> 64), static_cast<uint64_t>(value)};
}

TEST(PortableInt128, ProductsAndQuotientsOfKnownNumbers) {
  Signed square = Signed(INT64_MAX) * INT64_MAX;
  EXPECT_EQ(high_and_low(square), std::pair(uint64_t{0x3fffffffffffffff}, uint64_t{1}));
  EXPECT_EQ(static_cast<int64_t>(square / INT64_MAX), INT64_MAX);
  EXPECT_EQ(high_and_low(Signed(INT64_MIN) * 2), std::pair(~uint64_t{0}, uint64_t{0}));
  EXPECT_EQ(static_cast<int64_t>(Signed(-7) / 2), -3);
  EXPECT_EQ(static_cast<int64_t>(Signed(7) / -2), -3);
  EXPECT_TRUE(Signed(-1) < 0 && 0 < Signed(1) && Signed(INT64_MIN) * 4 < INT64_MIN);
  EXPECT_TRUE(Unsigned(-1) > 0);
  EXPECT_EQ(static_cast<int64_t>(std::clamp<Signed>(square, INT64_MIN, INT64_MAX)), INT64_MAX);
}

TEST(PortableInt128, AKeyAndItsPositionComeBackOutOfOneNumber) {
  Unsigned packed = static_cast<Unsigned>(uint64_t{0xfedcba9876543210}) << 64 | static_cast<Unsigned>(int64_t{42});
  EXPECT_EQ(static_cast<uint64_t>(packed >> 64), 0xfedcba9876543210);
  EXPECT_EQ(static_cast<int64_t>(packed & ((Unsigned{1} << 64) - 1)), 42);
  EXPECT_EQ(static_cast<uint32_t>(packed >> 72), 0x98765432u);
}

#ifdef __SIZEOF_INT128__
// Numbers around every power of two, where carries begin, and others by chance.
template <class Native>
Native draw(std::mt19937_64& random) {
  auto power = static_cast<Native>(Native{1} << (random() % 127));
  switch (random() % 4) {
    case 0:
      return power + static_cast<Native>(static_cast<int64_t>(random() % 3) - 1);
    case 1:
      return static_cast<Native>(-power);
    case 2:
      return static_cast<Native>(static_cast<int64_t>(random()));
    default:
      return static_cast<Native>(static_cast<unsigned __int128>(random()) << 64 | random());
  }
}

template <class Portable, class Native>
Portable portable(Native value) {
  auto [high, low] = high_and_low(value);
  return static_cast<Portable>(high) << 64 | static_cast<Portable>(low);
}

// Native arithmetic without a sign wraps as the portable one does.
template <class Portable, class Native>
void expect_the_same_as_built_in() {
  using Wrapping = unsigned __int128;
  std::mt19937_64 random(7);
  for (int round = 0; round < 20000; ++round) {
    Native a = draw<Native>(random), b = draw<Native>(random);
    auto x = portable<Portable>(a), y = portable<Portable>(b);
    auto bits = static_cast<int>(random() % 128);
    auto wrapped = [](Wrapping value) { return static_cast<Native>(value); };
    ASSERT_EQ(high_and_low(x + y), high_and_low(wrapped(Wrapping(a) + Wrapping(b))));
    ASSERT_EQ(high_and_low(x - y), high_and_low(wrapped(Wrapping(a) - Wrapping(b))));
    ASSERT_EQ(high_and_low(x * y), high_and_low(wrapped(Wrapping(a) * Wrapping(b))));
    ASSERT_EQ(high_and_low(-x), high_and_low(wrapped(-Wrapping(a))));
    bool overflows = b == static_cast<Native>(-1) && std::is_same_v<Native, __int128>;
    if (b != 0 && !overflows) {
      ASSERT_EQ(high_and_low(x / y), high_and_low(a / b));
    }
    ASSERT_EQ(high_and_low(x << bits), high_and_low(wrapped(Wrapping(a) << bits))) << bits;
    ASSERT_EQ(high_and_low(x >> bits), high_and_low(a >> bits)) << bits;
    ASSERT_EQ(high_and_low(x | y), high_and_low(a | b));
    ASSERT_EQ(high_and_low(x & y), high_and_low(a & b));
    ASSERT_EQ(x < y, a < b);
    ASSERT_EQ(x <= y, a <= b);
    ASSERT_EQ(x == y, a == b);
  }
}

TEST(PortableInt128, ASignedOneIsAsTheBuiltInOne) {
  expect_the_same_as_built_in<Signed, __int128>();
}

TEST(PortableInt128, AnUnsignedOneIsAsTheBuiltInOne) {
  expect_the_same_as_built_in<Unsigned, unsigned __int128>();
}
#endif

}  // namespace
}  // namespace lineshaft
