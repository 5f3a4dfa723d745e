// Philox in programs against its published words, on every instruction set that the processor has.
#include <gtest/gtest.h>

#include <random>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu::test {
namespace {

// Known answers of Random123's philox4x32-10, for the counters and keys that a program can express.
TEST(CpuKernels, PhiloxGivesThePublishedWords) {
  EachIsa::run([](Isa) {
    TestContext context;
    TensorView key = context.make(DType::kI64, {11}), counter = context.make(DType::kI64, {11});
    for (int64_t k = 0; k < 11; ++k) write(context, key, k, {0, 0}), write(context, counter, k, {0, 0});
    constexpr uint32_t kZero[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    for (int word = 0; word < 4; ++word) {
      ProgramBuilder p;
      Expr k = p.input(DType::kI64), c = p.input(DType::kI64);
      p.output(philox(k, c, word), DType::kI32);
      TensorView out = context.make(DType::kI32, {11});
      compute(context, p.finish(), {key, counter}, out);
      for (int64_t i = 0; i < 11; ++i) ASSERT_EQ(static_cast<uint32_t>(read(context, out, i).i), kZero[word]);
    }
  });
}

// The full 128-bit counter, scalar: holds the kernel to the other published vectors.
struct Words {
  uint32_t w[4];
};
Words philox_reference(Words c, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = uint64_t{0xD2511F53} * c.w[0], p1 = uint64_t{0xCD9E8D57} * c.w[2];
    c = {{static_cast<uint32_t>(p1 >> 32) ^ c.w[1] ^ k0, static_cast<uint32_t>(p1),
          static_cast<uint32_t>(p0 >> 32) ^ c.w[3] ^ k1, static_cast<uint32_t>(p0)}};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

TEST(CpuKernels, PhiloxAgreesWithTheReferenceThatGivesThePublishedWords) {
  Words ones = philox_reference({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u);
  EXPECT_EQ(ones.w[0], 0x408f276du);
  EXPECT_EQ(ones.w[1], 0x41c83b0eu);
  EXPECT_EQ(ones.w[2], 0xa20bc7c6u);
  EXPECT_EQ(ones.w[3], 0x6d5451fdu);
  Words pi = philox_reference({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0);
  EXPECT_EQ(pi.w[0], 0xd16cfe09u);
  EXPECT_EQ(pi.w[1], 0x94fdcceb);
  EXPECT_EQ(pi.w[2], 0x5001e420u);
  EXPECT_EQ(pi.w[3], 0x24126ea1u);
  EachIsa::run([](Isa) {
    std::mt19937_64 random(5);
    TestContext context;
    TensorView key = context.make(DType::kI64, {37}), counter = context.make(DType::kI64, {37}),
               out = context.make(DType::kI32, {37});
    for (int64_t k = 0; k < 37; ++k)
      write(context, key, k, {0, static_cast<int64_t>(random())}),
          write(context, counter, k, {0, static_cast<int64_t>(random())});
    for (int word = 0; word < 4; ++word) {
      ProgramBuilder p;
      Expr a = p.input(DType::kI64), b = p.input(DType::kI64);
      p.output(philox(a, b, word), DType::kI32);
      compute(context, p.finish(), {key, counter}, out);
      for (int64_t k = 0; k < 37; ++k) {
        auto seed = static_cast<uint64_t>(read(context, key, k).i),
             at = static_cast<uint64_t>(read(context, counter, k).i);
        Words want = philox_reference({{static_cast<uint32_t>(at), static_cast<uint32_t>(at >> 32), 0, 0}},
                                      static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
        ASSERT_EQ(static_cast<uint32_t>(read(context, out, k).i), want.w[word]);
      }
    }
  });
}

}  // namespace
}  // namespace lineshaft::cpu::test
