// Every opcode in every kind against a scalar reference, on every instruction set that the processor has.
#include "backends/cpu/simd/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backends/cpu/program/test_context.h"
#include "backends/cpu/simd/opcode_reference.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu::test {
namespace {

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

}  // namespace
}  // namespace lineshaft::cpu::test
