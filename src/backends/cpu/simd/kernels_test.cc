// Every opcode in every kind against a scalar reference, on every instruction set that the processor has.
#include "backends/cpu/simd/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backends/cpu/program/test_context.h"
#include "backends/cpu/simd/special.h"
#include "ops/map.h"
#include "program/expression.h"

namespace lineshaft::cpu::test {
namespace {

using Real = long double;
constexpr DType kComputeDTypes[] = {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kBool};

char kind_of(DType type) {
  return is_float(type) ? 'F' : type == DType::kBool ? 'B' : 'I';
}

bool is_unary_or_binary(Opcode opcode) {
  int operands = info_of(opcode).operands;
  return (operands == 1 || operands == 2) && opcode != Opcode::kCast && opcode != Opcode::kNarrow &&
         opcode != Opcode::kBitcast && opcode != Opcode::kPhilox;
}

// Opcodes whose result IEEE or integer arithmetic determines to the bit.
bool is_exact(Opcode opcode) {
  return !((opcode >= Opcode::kExp && opcode <= Opcode::kHypot) || opcode == Opcode::kPow);
}

Real max_of(Real a, Real b) {
  return std::isnan(a) || a > b ? a : b;
}
Real min_of(Real a, Real b) {
  return std::isnan(a) || a < b ? a : b;
}

template <class T>
Real float_reference(Opcode opcode, T a, T b) {
  Real x = a, y = b;
  switch (opcode) {
    case Opcode::kNeg:
      return -x;
    case Opcode::kAbs:
      return std::fabs(x);
    case Opcode::kSign:
      return std::isnan(x) ? x : (x > 0) - (x < 0);
    case Opcode::kAdd:
      return static_cast<T>(a + b);
    case Opcode::kSub:
      return static_cast<T>(a - b);
    case Opcode::kMul:
      return static_cast<T>(a * b);
    case Opcode::kDiv:
      return static_cast<T>(a / b);
    case Opcode::kRem:
      return std::fmod(a, b);
    case Opcode::kMin:
      return min_of(x, y);
    case Opcode::kMax:
      return max_of(x, y);
    case Opcode::kPow:
      return std::pow(x, y);
    case Opcode::kFloor:
      return std::floor(x);
    case Opcode::kCeil:
      return std::ceil(x);
    case Opcode::kTrunc:
      return std::trunc(x);
    case Opcode::kRound:
      return std::nearbyint(x);
    case Opcode::kSqrt:
      return std::sqrt(a);
    case Opcode::kRsqrt:
      return T{1} / std::sqrt(a);
    case Opcode::kExp:
      return std::exp(x);
    case Opcode::kExp2:
      return std::exp2(x);
    case Opcode::kExpm1:
      return std::expm1(x);
    case Opcode::kLog:
      return std::log(x);
    case Opcode::kLog2:
      return std::log2(x);
    case Opcode::kLog10:
      return std::log10(x);
    case Opcode::kLog1p:
      return std::log1p(x);
    case Opcode::kSin:
      return std::sin(x);
    case Opcode::kCos:
      return std::cos(x);
    case Opcode::kTan:
      return std::tan(x);
    case Opcode::kAsin:
      return std::asin(x);
    case Opcode::kAcos:
      return std::acos(x);
    case Opcode::kAtan:
      return std::atan(x);
    case Opcode::kSinh:
      return std::sinh(x);
    case Opcode::kCosh:
      return std::cosh(x);
    case Opcode::kTanh:
      return std::tanh(x);
    case Opcode::kAsinh:
      return std::asinh(x);
    case Opcode::kAcosh:
      return std::acosh(x);
    case Opcode::kAtanh:
      return std::atanh(x);
    case Opcode::kErf:
      return std::erf(x);
    case Opcode::kErfc:
      return std::erfc(x);
    case Opcode::kErfinv:
      return scalar_erfinv(static_cast<double>(a));
    case Opcode::kLgamma:
      return std::lgamma(x);
    case Opcode::kDigamma:
      return scalar_digamma(static_cast<double>(a));
    case Opcode::kAtan2:
      return std::atan2(x, y);
    case Opcode::kHypot:
      return std::hypot(x, y);
    case Opcode::kCopysign:
      return std::copysign(x, y);
    case Opcode::kNextafter:
      return std::nextafter(a, b);
    case Opcode::kEq:
      return x == y;
    case Opcode::kNe:
      return x != y;
    case Opcode::kLt:
      return x < y;
    case Opcode::kLe:
      return x <= y;
    default:
      ADD_FAILURE() << info_of(opcode).name;
      return 0;
  }
}

int64_t power(uint64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    return base == ~uint64_t{0} ? (exponent % 2 ? -1 : 1) : 0;
  }
  uint64_t result = 1;
  for (; exponent; exponent /= 2, base *= base)
    if (exponent % 2) result *= base;
  return static_cast<int64_t>(result);
}

// In 64 bits; the caller wraps.
int64_t int_reference(Opcode opcode, int64_t a, int64_t b, int bits) {
  auto ua = static_cast<uint64_t>(a), ub = static_cast<uint64_t>(b);
  bool counted = b >= 0 && b < bits;
  switch (opcode) {
    case Opcode::kNeg:
      return static_cast<int64_t>(-ua);
    case Opcode::kAbs:
      return a < 0 ? static_cast<int64_t>(-ua) : a;
    case Opcode::kSign:
      return (a > 0) - (a < 0);
    case Opcode::kAdd:
      return static_cast<int64_t>(ua + ub);
    case Opcode::kSub:
      return static_cast<int64_t>(ua - ub);
    case Opcode::kMul:
      return static_cast<int64_t>(ua * ub);
    case Opcode::kDiv:
      return b == 0 ? 0 : b == -1 ? static_cast<int64_t>(-ua) : a / b;
    case Opcode::kRem:
      return b == 0 || b == -1 ? 0 : a % b;
    case Opcode::kMin:
      return std::min(a, b);
    case Opcode::kMax:
      return std::max(a, b);
    case Opcode::kPow:
      return power(ua, b);
    case Opcode::kNot:
      return bits == 1 ? !a : ~a;
    case Opcode::kAnd:
      return a & b;
    case Opcode::kOr:
      return a | b;
    case Opcode::kXor:
      return a ^ b;
    case Opcode::kShl:
      return counted ? static_cast<int64_t>(ua << b) : 0;
    case Opcode::kShr:
      return a >> (counted ? b : bits - 1);
    case Opcode::kShrLogical:
      if (!counted) return 0;
      return static_cast<int64_t>((bits == 32 ? static_cast<uint32_t>(a) : ua) >> b);
    case Opcode::kEq:
      return a == b;
    case Opcode::kNe:
      return a != b;
    case Opcode::kLt:
      return a < b;
    case Opcode::kLe:
      return a <= b;
    default:
      ADD_FAILURE() << info_of(opcode).name;
      return 0;
  }
}

std::vector<Number> interesting(DType type) {
  std::vector<Number> out;
  if (type == DType::kBool) return {{0, 0}, {0, 1}};
  if (!is_float(type)) {
    int64_t low = type == DType::kI32 ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min();
    for (int64_t v :
         {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{2}, int64_t{-2}, int64_t{3}, int64_t{7}, int64_t{31},
          int64_t{32}, int64_t{33}, int64_t{63}, int64_t{64}, int64_t{-7}, int64_t{1000003}, low, low + 1, ~low})
      out.push_back({0, v});
    return out;
  }
  double tiny = type == DType::kF32 ? 1e-45 : 5e-324, small = type == DType::kF32 ? 1.2e-38 : 2.3e-308;
  double large = type == DType::kF32 ? 3.4e38 : 1.7e308;
  for (double v : {0.0, 0.25, 0.5,  0.7,  1.0,   1.5,   2.0,   2.5,   3.0,
                   3.7, 10.0, 20.3, 88.0, 100.0, 104.5, 710.0, 1e4,   8388607.5,
                   1e6, 1e10, 1e-3, 1e-8, 1e-20, tiny,  small, large, double{INFINITY}})
    for (double each : {v, -v}) out.push_back({type == DType::kF32 ? static_cast<float>(each) : each});
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 300; ++i) {
    double v = normal(random) * (i % 3 == 0 ? 0.3 : i % 3 == 1 ? 3 : 30);
    out.push_back({type == DType::kF32 ? static_cast<float>(v) : v});
  }
  out.push_back({std::nan("")});
  return out;
}

void compute(Context& context, ProgramRef program, std::vector<TensorView> inputs, TensorView output) {
  Map op{program, inputs, {&output, 1}, {}};
  validate(op);
  run(context, op);
}

// In units of the last place of the type.
double distance(Real got, Real want, DType type) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got) ? 0 : 1e9;
  Real largest = type == DType::kF32 ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
  int mantissa = type == DType::kF32 ? 24 : 53, lowest = type == DType::kF32 ? -149 : -1074;
  if (std::isinf(got))
    return std::isinf(want) || std::fabs(want) > largest * (1 - 1e-7L)
               ? (std::signbit(got) == std::signbit(want) ? 0 : 1e9)
               : 1e9;
  if (std::isinf(want)) return 1e9;
  int exponent = 0;
  std::frexp(want, &exponent);
  return static_cast<double>(std::fabs(got - want) / std::ldexp(Real{1}, std::max(exponent - mantissa, lowest)));
}

struct Samples {
  std::vector<Number> a, b;
};

Samples samples(Opcode opcode, DType type) {
  Samples out;
  auto values = interesting(type);
  if (info_of(opcode).operands == 1) return {values, values};
  size_t step = is_float(type) ? 3 : 1;
  for (const Number& x : values)
    for (size_t j = 0; j < values.size(); j += step) out.a.push_back(x), out.b.push_back(values[j]);
  return out;
}

ProgramRef program_of(Opcode opcode, DType type) {
  ProgramBuilder p;
  Expr a = p.input(type);
  Expr b = info_of(opcode).operands == 2 ? p.input(type) : Expr{};
  DType result = opcode >= Opcode::kEq && opcode <= Opcode::kLe ? DType::kBool : type;
  p.output(p.emit(opcode, result, a, b), result);
  return p.finish();
}

// Functions of the vector library within 4 ulps; pow of f64 is measured against 80-bit arithmetic.
double allowed(Opcode opcode) {
  if (opcode == Opcode::kLgamma || opcode == Opcode::kDigamma) return 1e4;  // near their zeros
  return 4;
}

void check_opcode(Opcode opcode, DType type) {
  SCOPED_TRACE(concat(info_of(opcode).name, ".", name_of(type)));
  Samples given = samples(opcode, type);
  auto n = static_cast<int64_t>(given.a.size());
  ProgramRef program = program_of(opcode, type);
  std::vector<std::vector<std::byte>> exact;
  EachIsa::run([&](Isa isa) {
    TestContext context;
    TensorView a = context.make(type, {n}), b = context.make(type, {n}), out = context.make(program->outputs[0], {n});
    for (int64_t k = 0; k < n; ++k) write(context, a, k, given.a[k]), write(context, b, k, given.b[k]);
    std::vector<TensorView> inputs{a, b};
    inputs.resize(program->inputs.size());
    compute(context, program, inputs, out);
    double worst = 0;
    for (int64_t k = 0; k < n; ++k) {
      Number got = read(context, out, k), x = given.a[k], y = given.b[k];
      if (!is_float(type)) {
        int bits = type == DType::kBool ? 1 : size_of(type) * 8;
        int64_t want = int_reference(opcode, x.i, y.i, bits);
        if (program->outputs[0] == DType::kI32) want = static_cast<int32_t>(want);
        ASSERT_EQ(got.i, want) << x.i << ", " << y.i << " isa " << static_cast<int>(isa);
        continue;
      }
      Real want = type == DType::kF32 ? float_reference(opcode, static_cast<float>(x.f), static_cast<float>(y.f))
                                      : float_reference(opcode, x.f, y.f);
      if (program->outputs[0] == DType::kBool) {
        ASSERT_EQ(got.i, want != 0) << x.f << ", " << y.f;
        continue;
      }
      double error = distance(got.f, want, type);
      ASSERT_LE(error, is_exact(opcode) && opcode != Opcode::kErfinv ? 0.5 : allowed(opcode))
          << x.f << ", " << y.f << " gives " << got.f << ", not " << static_cast<double>(want) << " isa "
          << static_cast<int>(isa);
      if (want == 0 && is_exact(opcode) && opcode != Opcode::kMin && opcode != Opcode::kMax) {
        ASSERT_EQ(std::signbit(got.f), std::signbit(want)) << x.f << ", " << y.f;
      }
      worst = std::max(worst, error);
    }
    std::vector<std::byte> bits(context.data(out), context.data(out) + n * size_of(program->outputs[0]));
    exact.push_back(bits);
  });
  // Where arithmetic determines the result, all instruction sets give the same bits, NaN payloads apart.
  if (!is_exact(opcode) || exact.size() < 2 || is_float(program->outputs[0])) return;
  for (const auto& bits : exact) EXPECT_EQ(bits, exact[0]);
}

TEST(CpuKernels, EveryOpcodeInEveryKind) {
  for (int i = 0; i < kOpcodeCount; ++i) {
    auto opcode = static_cast<Opcode>(i);
    if (!is_unary_or_binary(opcode)) continue;
    for (DType type : kComputeDTypes)
      if (std::strchr(info_of(opcode).kinds, kind_of(type))) check_opcode(opcode, type);
  }
}

// An element's bits depend neither on its place nor on the number of elements.
TEST(CpuKernels, BitsDoNotDependOnPosition) {
  EachIsa::run([](Isa) {
    for (int i = static_cast<int>(Opcode::kSqrt); i <= static_cast<int>(Opcode::kNextafter); ++i)
      for (DType type : {DType::kF32, DType::kF64}) {
        auto opcode = static_cast<Opcode>(i);
        ProgramRef program = program_of(opcode, type);
        TestContext context;
        TensorView a = context.make(type, {67}), b = context.make(type, {67}), out = context.make(type, {67});
        randomize(context, a, 3);
        randomize(context, b, 4);
        std::vector<TensorView> inputs{a, b};
        inputs.resize(program->inputs.size());
        compute(context, program, inputs, out);
        for (int64_t k = 0; k < 67; ++k) {
          TensorView one = context.make(type, {1});
          for (TensorView& view : inputs) view.sizes[0] = 1, view.offset = k * size_of(type);
          compute(context, program, inputs, one);
          ASSERT_EQ(std::memcmp(context.data(one), context.data(out) + k * size_of(type), size_of(type)), 0)
              << info_of(opcode).name << "." << name_of(type) << " at " << k;
        }
      }
  });
}

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

TEST(CpuKernels, CastsTruncateWrapAndCompare) {
  EachIsa::run([](Isa) {
    for (DType from : kComputeDTypes)
      for (DType to :
           {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kI16, DType::kI8, DType::kU8, DType::kBool}) {
        TestContext context;
        std::vector<double> given{0, 1, -1, 1.5, -1.5, 2.99, 100, -128, 127, 300, -300, 70000, 1e6, -123456.75};
        auto n = static_cast<int64_t>(given.size());
        TensorView in = context.make(from, {n}), out = context.make(to, {n});
        for (int64_t k = 0; k < n; ++k) write(context, in, k, number_of(from, given[k]));
        ProgramBuilder p;
        p.output(p.input(from), to);
        compute(context, p.finish(), {in}, out);
        for (int64_t k = 0; k < n; ++k) {
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

TEST(CpuKernels, SpecialFunctionsAgreeWithKnownValues) {
  EXPECT_NEAR(scalar_digamma(1.0), -0.57721566490153286061, 1e-15);
  EXPECT_NEAR(scalar_digamma(0.5), -1.96351002602142347944, 1e-14);
  EXPECT_NEAR(scalar_digamma(-1.5), 0.70315664064524318723, 1e-13);
  EXPECT_EQ(scalar_digamma(0.0), -INFINITY);
  EXPECT_EQ(scalar_digamma(-0.0), INFINITY);
  EXPECT_TRUE(std::isnan(scalar_digamma(-3.0)));
  for (double y : {-3.0, -1.0, -0.1, 1e-6, 0.3, 1.0, 2.5, 4.0})
    EXPECT_NEAR(scalar_erfinv(std::erf(y)) / y, 1, std::fabs(y) > 3 ? 1e-8 : 1e-12) << y;
  EXPECT_EQ(scalar_erfinv(1.0), INFINITY);
  EXPECT_TRUE(std::isnan(scalar_erfinv(1.1)));
}

}  // namespace
}  // namespace lineshaft::cpu::test
