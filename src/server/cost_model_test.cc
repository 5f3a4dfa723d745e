#include "server/cost_model.h"

#include <gtest/gtest.h>

namespace lineshaft {
namespace {

TensorView square(int64_t side) {
  return contiguous_view(BufferId::make(1, 1), DType::kF32, {side, side});
}

Matmul product(int64_t side) {
  return {.a = square(side), .b = square(side), .output = square(side)};
}

TEST(CostModel, LearnsEachKindsPace) {
  // Products of 0.1 ns a multiplication, copies of 2 ns an element, mixed at will.
  CommandList list;
  CostModel model;
  for (int round = 0; round < 60; ++round) {
    list.clear();
    Cost cost;
    double ns = 0;
    for (int64_t i = 0; i < 1 + round % 5; ++i) {
      int64_t side = 64 << (round + i) % 3;
      list.add(product(side), nullptr, 1);
      ns += 0.1 * static_cast<double>(side * side * side);
    }
    for (int64_t i = 0; i < round % 3; ++i) {
      list.add(Sort{.input = square(512), .values = square(512), .indices = square(512)}, nullptr, 1);
      ns += 2.0 * 3 * 512 * 512;
    }
    for (const Command& command : list.commands) cost.add(model.estimate(command));
    model.learn(cost, ns);
  }
  list.clear();
  list.add(product(512), nullptr, 1);
  EXPECT_NEAR(model.estimate(list.commands[0]).total / (0.1 * 512 * 512 * 512), 1, 0.5);
  list.clear();
  list.add(Sort{.input = square(256), .values = square(256), .indices = square(256)}, nullptr, 1);
  EXPECT_NEAR(model.estimate(list.commands[0]).total / (2.0 * 3 * 256 * 256), 1, 0.5);
}

TEST(CostModel, OddMeasurementsDoNotBreakIt) {
  CommandList list;
  list.add(product(64), nullptr, 1);
  CostModel model;
  Cost none;
  model.learn(none, 1e9);
  for (double ns : {0.0, -1.0, 1e18, 1e-9}) model.learn(model.estimate(list.commands[0]), ns);
  double estimate = model.estimate(list.commands[0]).total;
  EXPECT_GT(estimate, 0);
  EXPECT_LT(estimate, 1e12);
}

}  // namespace
}  // namespace lineshaft
