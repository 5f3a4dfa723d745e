#include "program/philox.h"

#include <gtest/gtest.h>

namespace lineshaft {
namespace {

// The known answers that Random123 publishes for philox4x32 with 10 rounds.
TEST(Philox, MatchesRandom123KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, 0, 0), (PhiloxWords{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}));
  EXPECT_EQ(philox({0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}, 0xffffffffu, 0xffffffffu),
            (PhiloxWords{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}));
  EXPECT_EQ(philox({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, 0xa4093822u, 0x299f31d0u),
            (PhiloxWords{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}));
}

TEST(Philox, SeedAndCounterAreSplitLowWordFirst) {
  EXPECT_EQ(philox(int64_t{0x1122334455667788}, int64_t{0x99aabbccddeeff} + (int64_t{1} << 60)),
            philox({0xccddeeffu, 0x1099aabbu, 0, 0}, 0x55667788u, 0x11223344u));
  EXPECT_EQ(philox(-1, -1), philox({0xffffffffu, 0xffffffffu, 0, 0}, 0xffffffffu, 0xffffffffu));
}

}  // namespace
}  // namespace lineshaft
