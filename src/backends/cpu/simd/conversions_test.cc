// Conversions, selection and narrowing, on every instruction set that the processor has.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu::test {
namespace {

constexpr DType kComputeDTypes[] = {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kBool};

TEST(CpuKernels, HalvesWidenAndRoundAsTheScalarConversionsDo) {
  EachIsa::run([](Isa) {
    for (DType type : {DType::kF16, DType::kBF16}) {
      TestContext context;
      TensorView halves = context.make(type, {65536}), wide = context.make(DType::kF32, {65536});
      for (int64_t k = 0; k < 65536; ++k) {
        auto bits = static_cast<uint16_t>(k);
        std::memcpy(context.data(halves) + 2 * k, &bits, 2);
      }
      ProgramBuilder w;
      w.output(w.input(type), DType::kF32);
      compute(context, w.finish(), {halves}, wide);
      for (int64_t k = 0; k < 65536; ++k) {
        float want = static_cast<float>(read(context, halves, k).f), got = static_cast<float>(read(context, wide, k).f);
        ASSERT_TRUE(std::isnan(want) ? std::isnan(got) : std::bit_cast<uint32_t>(want) == std::bit_cast<uint32_t>(got))
            << k;
      }
      // Every half, its neighbours and the midpoints between.
      constexpr int64_t kCount = 1 << 19;
      TensorView floats = context.make(DType::kF32, {kCount}), rounded = context.make(type, {kCount});
      for (int64_t k = 0; k < kCount; ++k) {
        uint32_t bits = static_cast<uint32_t>(k) << 13 | (k % 5 == 0   ? 0x1000
                                                          : k % 5 == 1 ? 0x1001
                                                          : k % 5 == 2 ? 0xfff
                                                                       : 0);
        std::memcpy(context.data(floats) + 4 * k, &bits, 4);
      }
      ProgramBuilder r;
      r.output(r.input(DType::kF32), type);
      compute(context, r.finish(), {floats}, rounded);
      for (int64_t k = 0; k < kCount; ++k) {
        auto value = static_cast<float>(read(context, floats, k).f);
        uint16_t want = type == DType::kF16 ? to_half(value).bits : to_bfloat16(value).bits, got;
        std::memcpy(&got, context.data(rounded) + 2 * k, 2);
        ASSERT_EQ(got, want) << value;
      }
    }
  });
}

// The numbers as `from`, and what they are as `to`.
std::pair<TensorView, TensorView> cast_of(const std::vector<double>& given, TestContext& context, DType from,
                                          DType to) {
  auto n = static_cast<int64_t>(given.size());
  TensorView in = context.make(from, {n}), out = context.make(to, {n});
  for (int64_t k = 0; k < n; ++k) write(context, in, k, number_of(from, given[k]));
  ProgramBuilder p;
  p.output(p.input(from), to);
  compute(context, p.finish(), {in}, out);
  return {in, out};
}

TEST(CpuKernels, CastsTruncateWrapAndCompare) {
  EachIsa::run([](Isa) {
    for (DType from : kComputeDTypes)
      for (DType to :
           {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kI16, DType::kI8, DType::kU8, DType::kBool}) {
        TestContext context;
        auto [in, out] =
            cast_of({0, 1, -1, 1.5, -1.5, 2.99, 100, -128, 127, 300, -300, 70000, 1e6, -123456.75}, context, from, to);
        for (int64_t k = 0; k < in.numel(); ++k) {
          Number x = read(context, in, k);
          double real = is_float(from) ? x.f : static_cast<double>(x.i);
          Number want =
              is_float(to) ? Number{real} : Number{0, to == DType::kBool ? real != 0 : static_cast<int64_t>(real)};
          TensorView one = context.make(to, {1});
          write(context, one, 0, want);
          ASSERT_EQ(read_double(context, out, k), read_double(context, one, 0))
              << name_of(from) << " to " << name_of(to) << " of " << real;
        }
      }
  });
}

TEST(CpuKernels, WhatAnIntegerDoesNotReachIsItsSmallestValue) {
  EachIsa::run([](Isa) {
    for (DType from : {DType::kF64, DType::kF32})
      for (DType to : {DType::kI64, DType::kI32}) {
        TestContext context;
        double end = to == DType::kI64 ? 0x1p63 : 0x1p31, least = -end, inf = std::numeric_limits<double>::infinity();
        std::vector<double> given{std::nan(""), -std::nan(""), inf, -inf, end, 2 * end, 1e30, -1e30, least, 7};
        auto [in, out] = cast_of(given, context, from, to);
        for (int64_t k = 0; k < in.numel(); ++k)
          EXPECT_EQ(read_double(context, out, k), given[k] == 7 ? 7 : least)
              << name_of(from) << " to " << name_of(to) << " of " << given[k];
      }
  });
}

TEST(CpuKernels, SelectAndNarrow) {
  EachIsa::run([](Isa) {
    for (DType type : kComputeDTypes) {
      TestContext context;
      TensorView a = context.make(DType::kBool, {99}), b = context.make(type, {99}), c = context.make(type, {99}),
                 out = context.make(type, {99});
      for (int64_t k = 0; k < 99; ++k) write(context, a, k, {0, k * 7 % 3 == 0});
      randomize(context, b, 1);
      randomize(context, c, 2);
      ProgramBuilder p;
      Expr x = p.input(DType::kBool), y = p.input(type), z = p.input(type);
      p.output(select(x, y, z), type);
      ProgramRef program = p.finish();
      for (int splat = 0; splat < 8; ++splat) {
        std::vector<TensorView> inputs{a, b, c};
        for (int i = 0; i < 3; ++i)
          if (splat >> i & 1) inputs[i].strides[0] = 0;
        compute(context, program, inputs, out);
        for (int64_t k = 0; k < 99; ++k)
          ASSERT_EQ(read_double(context, out, k),
                    read_double(context, read(context, inputs[0], k).i ? inputs[1] : inputs[2], k))
              << splat;
      }
    }
    for (DType storage : {DType::kF16, DType::kBF16, DType::kI16, DType::kI8, DType::kU8}) {
      TestContext context;
      DType type = compute_type(storage);
      TensorView in = context.make(type, {777}), out = context.make(type, {777}), stored = context.make(storage, {777});
      randomize(context, in, 1, 1000);
      ProgramBuilder p;
      p.output(narrow(p.input(type), storage), type);
      compute(context, p.finish(), {in}, out);
      for (int64_t k = 0; k < 777; ++k) write(context, stored, k, read(context, in, k));
      EXPECT_EQ(values(context, out), values(context, stored)) << name_of(storage);
    }
  });
}

}  // namespace
}  // namespace lineshaft::cpu::test
