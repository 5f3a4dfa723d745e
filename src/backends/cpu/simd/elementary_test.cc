// exp, tanh and erf of f32 against f64, on every instruction set that the processor has.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "backends/cpu/program/test_context.h"
#include "backends/cpu/simd/kernels.h"

namespace lineshaft::cpu::test {
namespace {

constexpr int64_t kTile = 4096;

struct Function {
  const char* name;
  Opcode opcode;
  double (*reference)(double);
  double ulps[kIsaCount];  // baseline: glibc's vector functions
};
const Function kFunctions[] = {
    {"exp", Opcode::kExp, [](double x) { return std::exp(x); }, {4, 1.05, 1.05}},
    {"tanh", Opcode::kTanh, [](double x) { return std::tanh(x); }, {4, 2.6, 1.3}},
    {"erf", Opcode::kErf, [](double x) { return std::erf(x); }, {4, 1.2, 2.4}},
};

std::vector<float> evaluate(const Function& function, const std::vector<float>& x) {
  std::vector<float> out(x.size());
  Kernel kernel = kernels().op[static_cast<int>(function.opcode)][type_index(DType::kF32)];
  auto count = static_cast<int64_t>(x.size());
  for (int64_t at = 0; at < count; at += kTile)
    kernel({.out = out.data() + at, .a = x.data() + at, .n = std::min(kTile, count - at)});
  return out;
}

double error_in_ulps(float got, double want) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got) ? 0 : INFINITY;
  auto rounded = static_cast<float>(want);
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : INFINITY;
  int exponent = 0;
  std::frexp(want, &exponent);
  return std::fabs(static_cast<double>(got) - want) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

TEST(CpuElementary, StaysWithinItsErrorOverAllOfF32) {
  std::vector<float> x;
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 1511)
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  for (const Function& function : kFunctions) {
    std::vector<double> want;
    for (float each : x) want.push_back(function.reference(static_cast<double>(each)));
    EachIsa::run([&](Isa isa) {
      std::vector<float> got = evaluate(function, x);
      for (size_t i = 0; i < x.size(); ++i)
        ASSERT_LE(error_in_ulps(got[i], want[i]), function.ulps[static_cast<int>(isa)])
            << function.name << "(" << x[i] << ") gives " << got[i] << ", not " << want[i] << " isa "
            << static_cast<int>(isa);
    });
  }
}

// What callers rely on beyond the error: saturation without overshoot, odd symmetry, both zeros, infinities.
TEST(CpuElementary, SaturatesAndIsOdd) {
  EachIsa::run([](Isa isa) {
    SCOPED_TRACE(static_cast<int>(isa));
    std::vector<float> x;
    for (float each = 0; each < 12; each += 0x1p-14f) x.push_back(each);
    for (float each : {1e-45f, 1e-38f, 100.0f, 3e38f, INFINITY}) x.push_back(each);
    std::vector<float> negative;
    for (float each : x) negative.push_back(-each);
    for (const Function& function : {kFunctions[1], kFunctions[2]}) {
      std::vector<float> up = evaluate(function, x), down = evaluate(function, negative);
      for (size_t i = 0; i < x.size(); ++i) {
        ASSERT_EQ(std::bit_cast<uint32_t>(up[i]) ^ 0x80000000u, std::bit_cast<uint32_t>(down[i]))
            << function.name << x[i];
        ASSERT_LE(up[i], 1.0f) << function.name << x[i];
        if (x[i] > 9.2f) {
          ASSERT_EQ(up[i], 1.0f) << function.name << x[i];
        }
      }
    }
    std::vector<float> edges = evaluate(kFunctions[0], {INFINITY, -INFINITY, 0.0f, -0.0f, 88.8f, -104.1f});
    EXPECT_EQ(edges, (std::vector<float>{INFINITY, 0, 1, 1, INFINITY, 0}));
  });
}

}  // namespace
}  // namespace lineshaft::cpu::test
