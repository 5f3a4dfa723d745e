#include "lineshaft/ops/map_each.h"

#include <gtest/gtest.h>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu::test {
namespace {

// p -= rate * g * scale, with one scale for all.
ProgramRef step_program() {
  ProgramBuilder p;
  Expr value = p.input(DType::kF32), grad = p.input(DType::kF32), scale = p.input(DType::kF32);
  p.output(value - grad * scale * p.arg(DType::kF32), DType::kF32);
  return p.finish();
}

TEST(CpuMapEach, GroupsOfManyShapesAndAGroupsOwnArguments) {
  for (bool shared : {true, false}) {
    TestContext context;
    std::vector<TensorView> inputs, outputs;
    std::vector<Scalar> args;
    TensorView scale = context.make(DType::kF32, {});
    write(context, scale, 0, {0.5});
    std::vector<std::vector<double>> before, grads;
    std::vector<std::vector<int64_t>> shapes{{3}, {1000, 70}, {0, 4}, {}, {64, 3, 3, 3}, {100000}, {7, 5}};
    for (size_t g = 0; g < shapes.size(); ++g) {
      TensorView value = context.make(DType::kF32, shapes[g]), grad = context.make(DType::kF32, shapes[g]);
      randomize(context, value, static_cast<uint32_t>(g));
      randomize(context, grad, static_cast<uint32_t>(g + 50));
      before.push_back(values(context, value));
      grads.push_back(values(context, grad));
      for (const auto& view : {value, grad, scale}) inputs.push_back(view);
      outputs.push_back(value);
      if (!shared || g == 0) args.push_back(Scalar::of(0.1 * static_cast<double>(shared ? 1 : g + 1)));
    }
    MapEach op{step_program(), inputs, outputs, args};
    validate(op);
    run(context, op);
    for (size_t g = 0; g < shapes.size(); ++g) {
      auto rate = static_cast<float>(args[shared ? 0 : g].as_double());
      for (int64_t k = 0; k < outputs[g].numel(); ++k) {
        float want = static_cast<float>(before[g][k]) - static_cast<float>(grads[g][k]) * 0.5f * rate;
        ASSERT_EQ(static_cast<float>(read(context, outputs[g], k).f), want) << g << ", " << k;
      }
    }
  }
}

}  // namespace
}  // namespace lineshaft::cpu::test
