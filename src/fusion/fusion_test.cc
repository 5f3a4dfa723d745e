#include "lineshaft/fusion/fusion.h"

#include <gtest/gtest.h>

#include "lineshaft/program/expression.h"

namespace lineshaft {
namespace {

// A window under construction: buffers by number, all of f32 in `sizes`.
class Window {
 public:
  explicit Window(std::vector<int64_t> sizes = {4, 8}) : sizes_(std::move(sizes)) {}

  TensorView create() {
    BufferId buffer = BufferId::make(++slots_, 1);
    TensorView view = contiguous_view(buffer, DType::kF32, sizes_);
    list.commands.push_back({.kind = CommandKind::kCreate, .buffer = buffer, .size = view.numel() * 4});
    return view;
  }
  TensorView held() { return contiguous_view(BufferId::make(++slots_, 1), DType::kF32, sizes_); }
  void release(const TensorView& view) {
    list.commands.push_back({.kind = CommandKind::kRelease, .buffer = view.buffer});
  }
  void map(ProgramRef program, std::vector<TensorView> inputs, std::vector<TensorView> outputs,
           std::vector<Scalar> args = {}) {
    list.add(Map{program, inputs, outputs, args}, "test", 0);
  }
  void fuse(const FusionLimits& limits = {}) { lineshaft::fuse(list, limits); }
  std::vector<const Command*> operations() const {
    std::vector<const Command*> found;
    for (const Command& command : list.commands)
      if (command.kind == CommandKind::kOperation) found.push_back(&command);
    return found;
  }
  const Map& map_at(size_t i) const { return *static_cast<const Map*>(operations().at(i)->op); }

  CommandList list;

 private:
  std::vector<int64_t> sizes_;
  uint32_t slots_ = 0;
};

ProgramRef unary(Expr (*function)(Expr)) {
  ProgramBuilder p;
  p.output(function(p.input(DType::kF32)), DType::kF32);
  return p.finish();
}
ProgramRef add_program() {
  ProgramBuilder p;
  Expr x = p.input(DType::kF32), y = p.input(DType::kF32);
  p.output(x + y, DType::kF32);
  return p.finish();
}
ProgramRef scale_program() {
  ProgramBuilder p;
  Expr x = p.input(DType::kF32);
  p.output(x * p.arg(DType::kF32), DType::kF32);
  return p.finish();
}

TEST(Fusion, AChainOfTemporariesIsOneMapThatStoresItsEnd) {
  Window w;
  TensorView x = w.held(), a = w.create(), b = w.create(), c = w.create();
  w.map(unary(exp), {x}, {a});
  w.map(unary(sqrt), {a}, {b});
  w.release(a);
  w.map(add_program(), {b, x}, {c});
  w.release(b);
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  EXPECT_EQ(w.map_at(0).inputs.size(), 1u);
  ASSERT_EQ(w.map_at(0).outputs.size(), 1u);
  EXPECT_EQ(w.map_at(0).outputs[0], c);
  for (const Command& command : w.list.commands) {
    EXPECT_NE(command.buffer, a.buffer) << "a dead temporary is still created";
  }
}

TEST(Fusion, WhatTouchesF64StaysApartOnADeviceWithoutIt) {
  for (bool f64 : {true, false}) {
    Window w;
    TensorView x = w.held(), a = w.create(), b = w.create(), c = w.create();
    ProgramBuilder p;
    p.output(cast(exp(cast(p.input(DType::kF32), DType::kF64)), DType::kF32), DType::kF32);
    w.map(unary(exp), {x}, {a});
    w.map(p.finish(), {a}, {b});
    w.release(a);
    w.map(unary(exp), {b}, {c});
    w.release(b);
    w.fuse({.f64 = f64});
    EXPECT_EQ(w.operations().size(), f64 ? 1u : 3u);
  }
}

TEST(Fusion, AHeldIntermediateIsStoredToo) {
  Window w;
  TensorView x = w.held(), a = w.create(), b = w.create();
  w.map(unary(exp), {x}, {a});
  w.map(unary(sqrt), {a}, {b});
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  EXPECT_EQ(w.map_at(0).outputs.size(), 2u);
}

TEST(Fusion, InPlaceChainsKeepOneStore) {
  Window w;
  TensorView x = w.held();
  w.map(scale_program(), {x}, {x}, {Scalar::of(2.0)});
  w.map(scale_program(), {x}, {x}, {Scalar::of(3.0)});
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  EXPECT_EQ(w.map_at(0).outputs.size(), 1u);
  EXPECT_EQ(w.map_at(0).args.size(), 2u);
}

TEST(Fusion, AViewIsTheSameWhateverStrideAnAxisOfOneElementHas) {
  Window w({6, 1});
  TensorView x = w.held(), a = w.held(), same = a, c = w.held();
  same.strides[1] = 6;
  w.map(unary(exp), {x}, {same});
  w.map(unary(sqrt), {x}, {a});
  w.map(add_program(), {same, x}, {c});
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  ASSERT_EQ(w.map_at(0).outputs.size(), 2u);  // what exp gave is overwritten, and c comes of sqrt
  for (const Instruction& instruction : w.map_at(0).program->code) EXPECT_NE(instruction.opcode, Opcode::kExp);
}

TEST(Fusion, PartlyOverlappingViewsDoNotMerge) {
  Window w({8});
  TensorView x = w.held(), y = w.held();
  TensorView shifted = x;
  shifted.offset = 4;
  shifted.sizes[0] = 7;
  TensorView low = x, out = y;
  low.sizes[0] = out.sizes[0] = 7;
  w.map(unary(exp), {out}, {low});
  w.map(unary(sqrt), {shifted}, {out});
  w.fuse();
  EXPECT_EQ(w.operations().size(), 2u);
}

TEST(Fusion, AMapDoesNotCrossWhatItDependsOn) {
  Window w({4, 4});
  TensorView x = w.held(), a = w.create(), b = w.create(), c = w.create();
  w.map(unary(exp), {x}, {a});
  w.list.add(Matmul{a, a, b, {}}, "test", 0);
  w.map(add_program(), {a, b}, {c});
  w.fuse();
  auto operations = w.operations();
  // The addition becomes the product's epilogue only if b is dead; here it is held.
  ASSERT_EQ(operations.size(), 3u);
  EXPECT_EQ(operations[1]->op_kind, OpKind::kMatmul);
}

TEST(Fusion, AnActivationBecomesTheEpilogueOfAProduct) {
  Window w({4, 4});
  TensorView x = w.held(), y = w.held(), b = w.create(), c = w.create();
  w.list.add(Matmul{x, y, b, {}}, "test", 0);
  w.map(add_program(), {b, y}, {c});
  w.release(b);
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  const auto& product = *static_cast<const Matmul*>(w.operations()[0]->op);
  ASSERT_NE(product.epilogue.program, nullptr);
  EXPECT_EQ(product.epilogue.program, add_program());
  EXPECT_EQ(product.output, c);
  ASSERT_EQ(product.epilogue.inputs.size(), 1u);
  EXPECT_EQ(product.epilogue.inputs[0], y);
}

TEST(Fusion, AReshapedViewOfTheResultStillFolds) {
  Window w({4, 4});
  TensorView x = w.held(), y = w.held(), b = w.create(), c = w.create();
  w.list.add(Matmul{x, y, b, {}}, "test", 0);
  w.map(unary(exp), {*reshaped(b, std::vector<int64_t>{2, 2, 4})}, {*reshaped(c, std::vector<int64_t>{2, 2, 4})});
  w.release(b);
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  EXPECT_EQ(static_cast<const Matmul*>(w.operations()[0]->op)->output, c);
}

TEST(Fusion, AnEpilogueNeverOverwritesAnOperandOfItsProduct) {
  Window w({4, 4});
  TensorView x = w.held(), y = w.held(), b = w.create();
  w.list.add(Matmul{x, y, b, {}}, "test", 0);
  w.map(unary(exp), {b}, {x});
  w.release(b);
  w.fuse();
  EXPECT_EQ(w.operations().size(), 2u);
}

TEST(Fusion, AMapBecomesTheProloguesOfAReduction) {
  Window w({4, 8});
  TensorView x = w.held(), squares = w.create();
  TensorView sum = contiguous_view(BufferId::make(99, 1), DType::kF32, {4, 1});
  ProgramBuilder p;
  Expr v = p.input(DType::kF32);
  p.output(v * v, DType::kF32);
  ProgramRef square = p.finish();
  w.map(square, {x}, {squares});
  Reduce reduce;
  reduce.axes = 2;
  TensorView inputs[] = {squares};
  reduce.inputs = inputs;
  reduce.output = sum;
  w.list.add(reduce, "test", 0);
  w.release(squares);
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  const auto& fused = *static_cast<const Reduce*>(w.operations()[0]->op);
  EXPECT_EQ(fused.prologue, square);
  EXPECT_EQ(fused.inputs[0], x);
}

TEST(Fusion, AReductionKeepsAnInputToTakeItsSpaceFrom) {
  Window w({4, 8});
  TensorView ones = w.create();
  ProgramBuilder p;
  p.output(p.constant(DType::kF32, 1.0), DType::kF32);
  w.map(p.finish(), {}, {ones});
  Reduce reduce;
  reduce.axes = 2;
  TensorView inputs[] = {ones};
  reduce.inputs = inputs;
  reduce.output = contiguous_view(BufferId::make(99, 1), DType::kF32, {4, 1});
  w.list.add(reduce, "test", 0);
  w.release(ones);
  w.fuse();
  ASSERT_EQ(w.operations().size(), 2u);
  EXPECT_EQ(static_cast<const Reduce*>(w.operations()[1]->op)->inputs.size(), 1u);
}

TEST(Fusion, ReleasesComeRightAfterTheLastUse) {
  Window w({4, 4});
  TensorView x = w.held(), a = w.create(), b = w.create(), c = w.create();
  w.list.add(Matmul{x, x, a, {}}, "test", 0);
  w.list.add(Matmul{a, a, b, {}}, "test", 0);
  w.list.add(Matmul{b, b, c, {}}, "test", 0);
  w.release(a);
  w.release(b);
  w.fuse();
  size_t second = 0, release = 0;
  for (size_t i = 0; i < w.list.commands.size(); ++i) {
    const Command& command = w.list.commands[i];
    if (command.kind == CommandKind::kRelease && command.buffer == a.buffer) release = i;
    if (command.kind == CommandKind::kOperation && static_cast<const Matmul*>(command.op)->output == b) second = i;
  }
  EXPECT_EQ(release, second + 1);
}

TEST(Fusion, ForeachStepsBecomeOnePass) {
  Window w;
  std::vector<TensorView> params, roots;
  for (int i = 0; i < 3; ++i) params.push_back(w.held());
  for (int i = 0; i < 3; ++i) roots.push_back(w.create());
  std::vector<Scalar> one{Scalar::of(2.0)}, three{Scalar::of(1.0), Scalar::of(2.0), Scalar::of(3.0)};
  w.list.add(MapEach{scale_program(), params, params, one}, "test", 0);
  w.list.add(MapEach{unary(sqrt), params, roots, {}}, "test", 0);
  w.list.add(MapEach{scale_program(), roots, roots, three}, "test", 0);
  std::vector<TensorView> both;
  for (int i = 0; i < 3; ++i) {
    both.push_back(params[i]);
    both.push_back(roots[i]);
  }
  w.list.add(MapEach{add_program(), both, params, {}}, "test", 0);
  for (const TensorView& view : roots) w.release(view);
  w.fuse();
  ASSERT_EQ(w.operations().size(), 1u);
  const auto& each = *static_cast<const MapEach*>(w.operations()[0]->op);
  EXPECT_EQ(each.outputs.size(), 3u);
  EXPECT_EQ(each.inputs.size(), 3u);
  EXPECT_EQ(each.args.size(), 6u);
}

TEST(Fusion, GroupsThatFeedEachOtherStayApart) {
  Window w;
  TensorView x = w.held(), y = w.held();
  std::vector<TensorView> straight{x, y}, crossed{y, x};
  w.list.add(MapEach{unary(sqrt), straight, straight, {}}, "test", 0);
  w.list.add(MapEach{unary(exp), crossed, straight, {}}, "test", 0);
  w.fuse();
  EXPECT_EQ(w.operations().size(), 2u);
}

}  // namespace
}  // namespace lineshaft
