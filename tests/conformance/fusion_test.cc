// Fused against unfused, bit for bit: one random script of eager code on two streams of the same device.

#include "conformance/script.h"

namespace lineshaft::conformance {
namespace {

TEST_P(Conformance, FusingChangesNoBit) {
  StreamOptions options = StreamOptions::from_environment();
  options.validate = true;
  options.fusion = true;
  auto fused = open_device(GetParam(), options);
  options.fusion = false;
  auto plain = open_device(GetParam(), options);
  for (int round = 0; round < 60 * rounds_factor(); ++round) {
    uint64_t seed = first_seed() + static_cast<uint64_t>(round);
    Script a(fused->stream(), seed), b(plain->stream(), seed);
    try {
      for (int i = 0; i < 60; ++i) {
        a.step();
        b.step();
      }
      auto x = a.results(), y = b.results();
      ASSERT_EQ(x.size(), y.size());
      for (size_t i = 0; i < x.size(); ++i)
        ASSERT_EQ(x[i], y[i]) << "tensor " << i << " of LINESHAFT_CONFORMANCE_SEED=" << seed;
    } catch (const Error& error) {
      FAIL() << error.what() << ", LINESHAFT_CONFORMANCE_SEED=" << seed;
    }
  }
  auto f = fused->stream().counters(), p = plain->stream().counters();
  EXPECT_EQ(f.recorded, p.recorded);
  EXPECT_LT(f.executed, p.executed * 9 / 10) << "fusion did next to nothing";
}

}  // namespace
}  // namespace lineshaft::conformance
