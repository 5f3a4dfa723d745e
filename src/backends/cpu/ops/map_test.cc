#include "lineshaft/ops/map.h"

#include <gtest/gtest.h>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu::test {
namespace {

ProgramRef sum_of(DType a, DType b, DType out) {
  ProgramBuilder p;
  Expr x = p.input(a), y = p.input(b);
  DType type = compute_type(out);
  p.output(cast(x, type) + cast(y, type), out);
  return p.finish();
}

void run_map(Context& context, ProgramRef program, std::vector<TensorView> inputs, std::vector<TensorView> outputs,
             std::vector<Scalar> args = {}) {
  Map op;
  op.program = program;
  op.inputs = inputs;
  op.outputs = outputs;
  op.args = args;
  validate(op);
  run(context, op);
}

void expect_sum(TestContext& context, const TensorView& a, const TensorView& b, const TensorView& out) {
  for (int64_t k = 0; k < out.numel(); ++k) {
    float want = static_cast<float>(read(context, a, k).f) + static_cast<float>(read(context, b, k).f);
    ASSERT_EQ(static_cast<float>(read(context, out, k).f), want) << "element " << k;
  }
}

TensorView permuted(TensorView view, std::vector<int> order) {
  TensorView out = view;
  for (size_t i = 0; i < order.size(); ++i) {
    out.sizes[i] = view.sizes[order[i]];
    out.strides[i] = view.strides[order[i]];
  }
  return out;
}

TEST(CpuMap, EveryLengthAndOffset) {
  EachIsa::run([](Isa) {
    ProgramRef program = sum_of(DType::kF32, DType::kF32, DType::kF32);
    for (int64_t n : {0, 1, 2, 3, 7, 15, 16, 17, 31, 33, 63, 64, 65, 100, 1000, 2047, 2048, 2049, 70001}) {
      TestContext context;
      TensorView a = context.make(DType::kF32, {n}), b = context.make(DType::kF32, {n}),
                 out = context.make(DType::kF32, {n + 3});
      out.sizes[0] = n;
      out.offset = 4;
      randomize(context, a, 1);
      randomize(context, b, 2);
      run_map(context, program, {a, b}, {out});
      expect_sum(context, a, b, out);
      // Nothing around the output is touched.
      uint8_t guard = 0;
      std::memcpy(&guard, context.data(out) - 1, 1);
      EXPECT_EQ(guard, 0xa5);
      std::memcpy(&guard, context.data(out) + n * 4, 1);
      EXPECT_EQ(guard, 0xa5);
    }
  });
}

TEST(CpuMap, Broadcasts) {
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{5, 7}, {300, 64}, {3, 3000}, {1, 9}, {2000, 1}}) {
    TestContext context;
    ProgramRef program = sum_of(DType::kF32, DType::kF32, DType::kF32);
    TensorView a = context.make(DType::kF32, {rows, cols}), out = context.make(DType::kF32, {rows, cols});
    TensorView row = context.make(DType::kF32, {cols}), column = context.make(DType::kF32, {rows, 1}),
               one = context.make(DType::kF32, {1});
    for (auto* view : {&a, &row, &column, &one}) randomize(context, *view, 3 + static_cast<uint32_t>(view - &a));
    for (auto* view : {&row, &column, &one}) {
      TensorView wide = broadcast_to(*view, out.shape());
      run_map(context, program, {a, wide}, {out});
      expect_sum(context, a, wide, out);
      run_map(context, program, {wide, wide}, {out});
      expect_sum(context, wide, wide, out);
    }
  }
}

TEST(CpuMap, TransposedAndReversed) {
  for (DType type : {DType::kF32, DType::kF16}) {
    TestContext context;
    TensorView a = context.make(type, {130, 70, 3}), b = context.make(type, {3, 70, 130}),
               out = context.make(type, {3, 70, 130});
    randomize(context, a, 1);
    randomize(context, b, 2);
    TensorView turned = permuted(a, {2, 1, 0});
    TensorView reversed = b;
    for (int i = 0; i < 3; ++i) {
      reversed.offset += (b.sizes[i] - 1) * b.strides[i] * size_of(type);
      reversed.strides[i] = -b.strides[i];
    }
    run_map(context, sum_of(type, type, type), {turned, reversed}, {out});
    for (int64_t k = 0; k < out.numel(); ++k) {
      float want = static_cast<float>(read(context, turned, k).f) + static_cast<float>(read(context, reversed, k).f);
      TensorView one = context.make(type, {1});
      if (k % 997) continue;
      write(context, one, 0, {want});
      ASSERT_EQ(read(context, out, k).f, read(context, one, 0).f) << k;
    }
    // A copy between layouts, both ways.
    TensorView copy = context.make(type, {3, 70, 130});
    run_map(context, identity_program(type), {turned}, {copy});
    TensorView back = context.make(type, {130, 70, 3});
    run_map(context, identity_program(type), {copy}, {permuted(back, {2, 1, 0})});
    EXPECT_EQ(values(context, back), values(context, a));
  }
}

TEST(CpuMap, RankEightWithGaps) {
  TestContext context;
  TensorView a = context.make(DType::kI32, {3, 4, 3, 4, 3, 4, 3, 4}), b = a;
  randomize(context, a, 5);
  b.sizes = {2, 2, 2, 2, 2, 2, 2, 2};
  TensorView out = context.make(DType::kI64, {2, 2, 2, 2, 2, 2, 2, 2});
  ProgramBuilder p;
  p.output(p.input(DType::kI32), DType::kI64);
  run_map(context, p.finish(), {permuted(b, {7, 0, 5, 2, 3, 4, 1, 6})}, {out});
  EXPECT_EQ(values(context, out), values(context, permuted(b, {7, 0, 5, 2, 3, 4, 1, 6})));
}

TEST(CpuMap, InPlaceOutputsDoNotDisturbLaterReads) {
  TestContext context;
  TensorView a = context.make(DType::kF32, {5000}), b = context.make(DType::kF32, {5000});
  randomize(context, a, 1);
  randomize(context, b, 2);
  auto x = values(context, a), y = values(context, b);
  ProgramBuilder p;
  Expr u = p.input(DType::kF32), v = p.input(DType::kF32);
  p.output(v, DType::kF32);  // swap
  p.output(u, DType::kF32);
  run_map(context, p.finish(), {a, b}, {a, b});
  EXPECT_EQ(values(context, a), y);
  EXPECT_EQ(values(context, b), x);
  ProgramBuilder q;
  Expr s = q.input(DType::kF32), t = q.input(DType::kF32);
  q.output(s + 1.0, DType::kF32);      // overwrites s
  q.output(t * 2.0 + s, DType::kF32);  // reads it again
  run_map(context, q.finish(), {a, b}, {a, b});
  for (int64_t k = 0; k < 5000; ++k) {
    ASSERT_EQ(static_cast<float>(read(context, a, k).f), static_cast<float>(y[k]) + 1.0f);
    ASSERT_EQ(static_cast<float>(read(context, b, k).f), static_cast<float>(x[k]) * 2.0f + static_cast<float>(y[k]));
  }
}

TEST(CpuMap, IndexAndLinearCountInTheRecordedSpace) {
  TestContext context;
  TensorView whole = context.make(DType::kI64, {7, 300, 5});
  TensorView out = permuted(whole, {2, 0, 1});  // [5, 7, 300], not row-major
  ProgramBuilder p;
  p.output(p.linear(), DType::kI64);
  run_map(context, p.finish(), {}, {out});
  ProgramBuilder q;
  q.output(q.index(2) + q.index(1) * 1000.0 + q.index(0) * 1000000.0, DType::kI64);
  TensorView coordinates = context.make(DType::kI64, {5, 7, 300});
  run_map(context, q.finish(), {}, {coordinates});
  for (int64_t k = 0; k < out.numel(); ++k) {
    ASSERT_EQ(read(context, out, k).i, k);
    ASSERT_EQ(read(context, coordinates, k).i, k % 300 + k / 300 % 7 * 1000 + k / 2100 * 1000000);
  }
}

TEST(CpuMap, FillsAndArguments) {
  for (DType type : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64, DType::kI32, DType::kI16,
                     DType::kI8, DType::kU8, DType::kBool}) {
    TestContext context;
    TensorView out = context.make(type, {3333});
    ProgramBuilder p;
    p.output(p.arg(compute_type(type)), type);
    run_map(context, p.finish(), {}, {out}, {is_float(type) ? Scalar::of(1.0) : Scalar::of(int64_t{1})});
    EXPECT_EQ(values(context, out), std::vector<double>(3333, 1.0)) << name_of(type);
    TensorView gaps = out;
    gaps.sizes[0] = 1111;
    gaps.strides[0] = 3;
    ProgramBuilder q;
    q.output(q.constant(compute_type(type), int64_t{0}), type);
    run_map(context, q.finish(), {}, {gaps});
    for (int64_t k = 0; k < 3333; ++k) ASSERT_EQ(read_double(context, out, k), k % 3 ? 1.0 : 0.0) << name_of(type);
  }
}

}  // namespace
}  // namespace lineshaft::cpu::test
