// Whose a compiled program is.
#include "backends/cpu/program/plan.h"

#include <gtest/gtest.h>

#include <thread>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/device/counters.h"
#include "program/compose.h"

namespace lineshaft::cpu::test {
namespace {

TEST(Plans, AreTheDevicesWhicheverThreadRuns) {
  auto compiled_by = [](TestContext& context) {
    TensorView from = context.make(DType::kF16, {3}), to = context.make(DType::kF32, {3});
    uint64_t before = compilations();
    compute(context, cast_program(DType::kF16, DType::kF32), {from}, to);
    return compilations() - before;
  };
  TestContext one, other;
  EXPECT_EQ(compiled_by(one), 1u);
  std::thread([&] { EXPECT_EQ(compiled_by(one), 0u); }).join();
  EXPECT_EQ(compiled_by(one), 0u);
  EXPECT_EQ(compiled_by(other), 1u);
}

}  // namespace
}  // namespace lineshaft::cpu::test
