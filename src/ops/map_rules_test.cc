#include <gtest/gtest.h>

#include "lineshaft/program/expression.h"
#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::view;

TEST(MapRules, OperandsFitTheProgramAndTheSpace) {
  static TensorView inputs[2] = {view(1, DType::kF32, {2, 3}), view(2, DType::kF32, {2, 3})};
  static TensorView outputs[1] = {view(3, DType::kF32, {2, 3})};
  Map op = examples::map();
  op.inputs = inputs;
  op.outputs = outputs;
  auto input = [](auto change) {
    return [change](Map& op) {
      static TensorView changed[2];
      std::ranges::copy(inputs, changed);
      change(changed[1]);
      op.inputs = changed;
    };
  };
  auto output = [](auto change) {
    return [change](Map& op) {
      static TensorView changed[1];
      changed[0] = outputs[0];
      change(changed[0]);
      op.outputs = changed;
    };
  };
  expect_rejections<Map>(op, {{"program is missing", [](Map& o) { o.program = nullptr; }},
                              {"takes 2 inputs; 1", [](Map& o) { o.inputs.count = 1; }},
                              {"gives 1 outputs; 0", [](Map& o) { o.outputs.count = 0; }},
                              {"takes 1 arguments; 0", [](Map& o) { o.args.count = 0; }},
                              {"is missing", input([](TensorView& v) { v.buffer = {}; })},
                              {"input 1 is f16", input([](TensorView& v) { v.dtype = DType::kF16; })},
                              {"sizes [2, 4]; it takes [2, 3]", input([](TensorView& v) { v.sizes[1] = 4; })},
                              {"dtype number 77", input([](TensorView& v) { v.dtype = static_cast<DType>(77); })},
                              {"rank 9 passes", input([](TensorView& v) { v.rank = 9; })},
                              {"below 0", input([](TensorView& v) { v.sizes[0] = -1; })},
                              {"below 0", input([](TensorView& v) { v.offset = -4; })},
                              {"no multiple", input([](TensorView& v) { v.offset = 2; })},
                              {"2^52", input([](TensorView& v) { v.offset = INT64_MAX - 3; })},
                              {"2^52", input([](TensorView& v) { v.strides[0] = INT64_MIN; })},
                              {"2^52", input([](TensorView& v) {
                                 v.sizes = {0, int64_t{1} << 53};
                               })},
                              {"overlaps itself", output([](TensorView& v) { v.strides[0] = 0; })},
                              {"overlaps itself", output([](TensorView& v) { v.strides[0] = 2; })},
                              {"overlaps itself", output([](TensorView& v) { v.strides[1] = -1; })},
                              {"identical or disjoint", output([](TensorView& v) {
                                 v = inputs[0];
                                 v.offset = 4;
                               })},
                              {"identical or disjoint", output([](TensorView& v) {
                                 v = inputs[0];
                                 v.strides = {1, 2};
                               })}});
  op.outputs = inputs;  // in place
  op.outputs.count = 1;
  EXPECT_NO_THROW(validate(op));
}

TEST(MapRules, OutputsAreDisjoint) {
  ProgramBuilder p;
  Expr x = p.input(DType::kF32);
  p.output(x, DType::kF32);
  p.output(-x, DType::kF32);
  TensorView in = view(1, DType::kF32, {4}), out[2] = {view(2, DType::kF32, {4}), view(3, DType::kF32, {4})};
  Map op{.program = p.finish(), .inputs = {&in, 1}, .outputs = out};
  EXPECT_NO_THROW(validate(op));
  out[1] = out[0];
  EXPECT_THROW(validate(op), Error);
}

TEST(MapRules, IndicesAreAlongAxesThatThereAre) {
  for (int axis : {0, 1, 2}) {
    ProgramBuilder p;
    p.output(p.index(axis), DType::kI64);
    TensorView out = view(1, DType::kI64, {2, 3});
    Map op{.program = p.finish(), .outputs = {&out, 1}};
    if (axis < 2)
      EXPECT_NO_THROW(validate(op));
    else
      EXPECT_THROW(validate(op), Error);
  }
}

TEST(MapEachRules, GroupsAreWholeAndApart) {
  using Views = std::vector<TensorView>;
  static Views inputs, outputs;
  MapEach op = examples::map_each();
  inputs.assign(op.inputs.begin(), op.inputs.end());
  outputs.assign(op.outputs.begin(), op.outputs.end());
  auto input = [](auto change) {
    return [change](MapEach& op) {
      static Views changed;
      changed = inputs;
      change(changed);
      op.inputs = changed;
    };
  };
  expect_rejections<MapEach>(
      op, {{"program is missing", [](MapEach& o) { o.program = nullptr; }},
           {"3 inputs are given for 2 groups", [](MapEach& o) { o.inputs.count = 3; }},
           {"0 outputs are given", [](MapEach& o) { o.outputs.count = 0; }},
           {"0 arguments are given", [](MapEach& o) { o.args.count = 0; }},
           {"is missing", input([](Views& v) { v[3].buffer = {}; })},
           {"input 1 is f16", input([](Views& v) { v[3].dtype = DType::kF16; })},
           {"sizes [4]; it takes [5]", input([](Views& v) { v[2].sizes[0] = 4; })},
           {"must be disjoint", input([](Views& v) { v[2] = view(1, DType::kF32, {5}); })},  // another group's output
           {"identical or disjoint", input([](Views& v) {
              v[0].strides = {1, 2};
            })}});
  op.args.count = 1;  // shared
  EXPECT_NO_THROW(validate(op));
  std::vector<TensorView> scratch;
  Map second = group_of(op, 1, scratch);
  EXPECT_EQ(group_count(op), 2u);
  EXPECT_EQ(second.inputs[1].shape()[0], 5);
  EXPECT_EQ(second.inputs[1].strides[0], 0);
  EXPECT_EQ(second.outputs[0], outputs[1]);
  EXPECT_EQ(second.args[0], op.args[0]);
}

TEST(MapEachRules, ManyTensorsOfOneBufferAreCheckedQuickly) {
  constexpr int kGroups = 20'000;
  std::vector<TensorView> views;
  for (int i = 0; i < kGroups; ++i) {
    views.push_back(view(1, DType::kF32, {8}));
    views.back().offset = i * 32;
  }
  MapEach op{.program = examples::twice(), .inputs = views, .outputs = views};
  EXPECT_NO_THROW(validate(op));
  std::vector<TensorView> moved = views;
  moved[kGroups / 2].offset += 4;
  op.inputs = moved;
  EXPECT_THROW(validate(op), Error);
  for (TensorView& each : views) {  // all interleave: refused before the comparisons cost time
    each.strides[0] = kGroups;
    each.offset = (each.offset / 32) * 4;
  }
  op.inputs = views;
  op.outputs = views;
  EXPECT_THROW(validate(op), Error);
}

}  // namespace
}  // namespace lineshaft
