#include "lineshaft/ops/reduce.h"

#include <gtest/gtest.h>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu::test {
namespace {

constexpr ReduceKind kAllKinds[] = {ReduceKind::kSum,      ReduceKind::kProd,   ReduceKind::kMin,
                                    ReduceKind::kMax,      ReduceKind::kAny,    ReduceKind::kAll,
                                    ReduceKind::kArgMin,   ReduceKind::kArgMax, ReduceKind::kMinIndex,
                                    ReduceKind::kMaxIndex, ReduceKind::kMeanVar};
constexpr DType kAllTypes[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64,
                               DType::kI32, DType::kI16, DType::kI8,  DType::kU8,   DType::kBool};

DType stored_type(ReduceKind kind, DType value) {
  switch (kind) {
    case ReduceKind::kSum:
    case ReduceKind::kProd:
      return is_float(value) ? value : DType::kI64;
    case ReduceKind::kAny:
    case ReduceKind::kAll:
      return DType::kBool;
    case ReduceKind::kArgMin:
    case ReduceKind::kArgMax:
      return DType::kI64;
    default:
      return value;
  }
}

struct Result {
  double value = 0;
  double second = 0;
};

bool better(bool smallest, double a, double b) {
  if (std::isnan(b)) return false;
  return std::isnan(a) || (smallest ? a < b : a > b);
}

Result reference(ReduceKind kind, const std::vector<double>& v, double correction) {
  Result r;
  switch (kind) {
    case ReduceKind::kSum:
      for (double x : v) r.value += x;
      return r;
    case ReduceKind::kProd:
      r.value = 1;
      for (double x : v) r.value *= x;
      return r;
    case ReduceKind::kAny:
      for (double x : v) r.value = r.value || x != 0;
      return r;
    case ReduceKind::kAll:
      r.value = 1;
      for (double x : v) r.value = r.value && x != 0;
      return r;
    case ReduceKind::kMeanVar: {
      for (double x : v) r.value += x / static_cast<double>(v.size());
      for (double x : v) r.second += (x - r.value) * (x - r.value);
      r.second /= std::max(0.0, static_cast<double>(v.size()) - correction);
      return r;
    }
    default: {
      bool smallest = kind == ReduceKind::kMin || kind == ReduceKind::kArgMin || kind == ReduceKind::kMinIndex;
      size_t at = 0;
      for (size_t i = 1; i < v.size(); ++i)
        if (better(smallest, v[i], v[at])) at = i;
      bool position = kind == ReduceKind::kArgMin || kind == ReduceKind::kArgMax;
      return {position ? static_cast<double>(at) : v[at], static_cast<double>(at)};
    }
  }
}

double tolerance(ReduceKind kind, DType type) {
  if (kind != ReduceKind::kSum && kind != ReduceKind::kProd && kind != ReduceKind::kMeanVar) return 0;
  switch (type) {
    case DType::kF64:
      return 1e-12;
    case DType::kF32:
      return kind == ReduceKind::kProd ? 2e-5 : 2e-6;
    case DType::kF16:
      return 2e-3;
    case DType::kBF16:
      return 1e-2;
    default:
      return 0;
  }
}

struct Outputs {
  TensorView out, second;
};

Outputs reduce(TestContext& context, ReduceKind kind, const TensorView& input, uint8_t axes, double correction = 1) {
  std::vector<int64_t> sizes(input.shape().begin(), input.shape().end());
  for (int i = 0; i < input.rank; ++i)
    if (axes >> i & 1) sizes[i] = 1;
  Reduce op{.kind = kind, .axes = axes, .correction = correction};
  op.inputs = {&input, 1};
  op.output = context.make(stored_type(kind, input.dtype), sizes);
  Outputs outputs{op.output, {}};
  if (kind == ReduceKind::kMinIndex || kind == ReduceKind::kMaxIndex)
    outputs.second = op.indices = context.make(DType::kI64, sizes);
  if (kind == ReduceKind::kMeanVar) outputs.second = op.variance = context.make(input.dtype, sizes);
  validate(op);
  run(context, op);
  return outputs;
}

void expect_near(double got, double want, double tolerance, double scale) {
  if (std::isnan(want)) {
    ASSERT_TRUE(std::isnan(got));
  } else if (std::isinf(want) || tolerance == 0) {
    ASSERT_EQ(got, want);
  } else {
    ASSERT_NEAR(got, want, tolerance * scale);
  }
}

void check(TestContext& context, ReduceKind kind, const TensorView& input, uint8_t axes) {
  SCOPED_TRACE(concat("kind ", static_cast<int>(kind), " of ", to_string(input), " axes ", int{axes}));
  Outputs outputs = reduce(context, kind, input, axes);
  std::vector<std::vector<double>> groups(outputs.out.numel());
  for (int64_t k = 0; k < input.numel(); ++k) {
    int64_t rest = k, place = 0, stride = 1;
    for (int i = input.rank - 1; i >= 0; --i) {
      int64_t at = rest % input.sizes[i];
      rest /= input.sizes[i];
      if (axes >> i & 1) continue;
      place += at * stride;
      stride *= input.sizes[i];
    }
    groups[place].push_back(read_double(context, input, k));
  }
  for (size_t j = 0; j < groups.size(); ++j) {
    Result want = reference(kind, groups[j], 1);
    double scale = 1;
    if (kind == ReduceKind::kSum)
      for (double x : groups[j]) scale += std::isfinite(x) ? std::fabs(x) : 0;
    if (kind == ReduceKind::kProd) scale += static_cast<double>(groups[j].size()) * 1e-3;  // each factor rounds
    if (kind == ReduceKind::kMeanVar || kind == ReduceKind::kProd)
      scale += std::fabs(want.value) + (want.second > 0 ? want.second : 0);
    auto at = static_cast<int64_t>(j);
    expect_near(read_double(context, outputs.out, at), want.value, tolerance(kind, input.dtype), scale);
    if (outputs.second)
      expect_near(read_double(context, outputs.second, at), want.second, tolerance(kind, input.dtype), scale);
  }
}

TensorView permuted(const TensorView& view, std::vector<int> order) {
  TensorView out = view;
  for (size_t i = 0; i < order.size(); ++i) {
    out.sizes[i] = view.sizes[order[i]];
    out.strides[i] = view.strides[order[i]];
  }
  return out;
}

void fill(TestContext& context, const TensorView& view, ReduceKind kind, uint32_t seed) {
  randomize(context, view, seed);
  if (kind != ReduceKind::kProd) return;
  for (int64_t k = 0; k < view.numel(); ++k) {  // products that stay in range
    double value = is_float(view.dtype) ? 1 + 0.001 * std::sin(k) : (k % 370 == 5 ? 2 : 1);
    write(context, view, k, number_of(view.dtype, value));
  }
}

TEST(CpuReduce, EveryKindAndDtype) {
  for (ReduceKind kind : kAllKinds)
    for (DType type : kAllTypes) {
      if (kind == ReduceKind::kMeanVar && !is_float(type)) continue;
      TestContext context;
      TensorView a = context.make(type, {5, 37, 19});
      fill(context, a, kind, 7);
      for (uint8_t axes = 0; axes < 8; ++axes) check(context, kind, a, axes);
    }
}

TEST(CpuReduce, EveryLayout) {
  for (ReduceKind kind : kAllKinds) {
    TestContext context;
    TensorView a = context.make(DType::kF32, {40, 7, 130});
    fill(context, a, kind, 7);
    for (auto order : {std::vector<int>{2, 1, 0}, {1, 0, 2}, {0, 2, 1}})
      for (uint8_t axes = 1; axes < 8; ++axes) check(context, kind, permuted(a, order), axes);
    TensorView wide = broadcast_to(context.make(DType::kF32, {1, 130}), std::vector<int64_t>{6, 130});
    randomize(context, wide, 3);
    check(context, kind, wide, 1);
    TensorView reversed = a;
    reversed.offset += 4 * 129;
    reversed.strides[2] = -1;
    check(context, kind, reversed, 4);
  }
}

TEST(CpuReduce, LongSequences) {
  for (ReduceKind kind : kAllKinds) {
    TestContext context;
    TensorView flat = context.make(DType::kF32, {300001}), tall = context.make(DType::kF32, {5000, 17});
    fill(context, flat, kind, 7);
    fill(context, tall, kind, 8);
    check(context, kind, flat, 1);
    check(context, kind, tall, 1);
    check(context, kind, tall, 2);
    check(context, kind, tall, 3);
  }
}

// The order of accumulation follows the shape, not the layout, the instruction set or the run.
TEST(CpuReduce, BitsDoNotDependOnLayout) {
  for (ReduceKind kind : {ReduceKind::kSum, ReduceKind::kProd, ReduceKind::kMeanVar, ReduceKind::kMax}) {
    std::vector<double> first;
    EachIsa::run([&](Isa) {
      TestContext context;
      TensorView a = context.make(DType::kF32, {33, 21, 150});
      fill(context, a, kind, 11);
      for (auto order : {std::vector<int>{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
        std::vector<int64_t> sizes(3);
        for (int i = 0; i < 3; ++i) sizes[order[i]] = a.sizes[i];
        // `b` holds the same values in another layout.
        std::vector<int64_t> packed(3);
        for (int i = 0; i < 3; ++i) packed[i] = a.sizes[order[i]];
        TensorView b = context.make(DType::kF32, packed);
        std::vector<int> back(3);
        for (int i = 0; i < 3; ++i) back[order[i]] = i;
        b = permuted(b, back);
        ASSERT_TRUE(same_shape(a, b));
        for (int64_t k = 0; k < a.numel(); ++k) write(context, b, k, read(context, a, k));
        std::vector<double> all;
        for (uint8_t axes = 1; axes < 8; ++axes) {
          Outputs outputs = reduce(context, kind, b, axes);
          for (double value : values(context, outputs.out)) all.push_back(value);
          if (outputs.second)
            for (double value : values(context, outputs.second)) all.push_back(value);
        }
        if (first.empty()) first = all;
        EXPECT_EQ(all, first);
      }
    });
  }
}

TEST(CpuReduce, SpecialValues) {
  double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  for (ReduceKind kind : kAllKinds) {
    if (kind == ReduceKind::kMeanVar || kind == ReduceKind::kProd) continue;
    for (auto special : {std::vector<double>{nan, nan}, {inf, -inf}, {-inf, -inf}, {inf, nan}, {0.0, -0.0}, {3, 3}}) {
      TestContext context;
      TensorView a = context.make(DType::kF32, {100, 50});
      randomize(context, a, 3);
      for (int64_t k : {117, 1117, 4998}) write(context, a, k, {special[k % 2]});
      for (uint8_t axes = 1; axes < 4; ++axes) check(context, kind, a, axes);
    }
  }
}

TEST(CpuReduce, NothingToReduce) {
  TestContext context;
  TensorView none = context.make(DType::kF32, {3, 0});
  EXPECT_EQ(values(context, reduce(context, ReduceKind::kSum, none, 2).out), std::vector<double>(3, 0.0));
  EXPECT_EQ(values(context, reduce(context, ReduceKind::kProd, none, 2).out), std::vector<double>(3, 1.0));
  EXPECT_EQ(values(context, reduce(context, ReduceKind::kAll, none, 2).out), std::vector<double>(3, 1.0));
  EXPECT_TRUE(std::isnan(values(context, reduce(context, ReduceKind::kMeanVar, none, 2).out)[0]));
  EXPECT_EQ(reduce(context, ReduceKind::kSum, none, 1).out.numel(), 0);
}

TEST(CpuReduce, MeanOfFarValuesKeepsItsVariance) {
  TestContext context;
  TensorView a = context.make(DType::kF32, {100000});
  randomize(context, a, 3);
  for (int64_t k = 0; k < a.numel(); ++k) write(context, a, k, {read(context, a, k).f * 0.01 + 1000});
  write(context, a, 0, {0});
  auto v = values(context, a);
  Result want = reference(ReduceKind::kMeanVar, v, 1);
  Outputs outputs = reduce(context, ReduceKind::kMeanVar, a, 1);
  EXPECT_NEAR(read(context, outputs.out, 0).f, want.value, 1e-4);
  EXPECT_NEAR(read(context, outputs.second, 0).f / want.second, 1, 1e-6);
}

TEST(CpuReduce, PrologueAndEpilogue) {
  for (auto sizes : {std::vector<int64_t>{64, 100}, {3, 5000}, {5000, 3}, {700, 600}})
    for (uint8_t axes = 1; axes < 4; ++axes) {
      TestContext context;
      TensorView a = context.make(DType::kF32, sizes), b = context.make(DType::kF16, {sizes[1]});
      randomize(context, a, 1);
      randomize(context, b, 2);
      b = broadcast_to(b, a.shape());
      ProgramBuilder p;
      Expr x = p.input(DType::kF32), y = p.input(DType::kF16);
      p.output(x * y + cast(p.linear(), DType::kF32) * p.arg(DType::kF32), DType::kF32);
      ProgramBuilder e;
      Expr r = e.input(DType::kF32);
      e.output(r * e.arg(DType::kF32), DType::kF16);
      Reduce op{.axes = axes, .prologue = p.finish()};
      std::vector<TensorView> inputs{a, b};
      std::vector<Scalar> args{Scalar::of(1e-6)}, scale{Scalar::of(0.01)};
      op.inputs = inputs;
      op.args = args;
      op.output = context.make(DType::kF16, {axes & 1 ? 1 : sizes[0], axes & 2 ? 1 : sizes[1]});
      op.epilogue.program = e.finish();
      op.epilogue.args = scale;
      validate(op);
      run(context, op);
      std::vector<double> sums(op.output.numel());
      for (int64_t k = 0; k < a.numel(); ++k) {
        int64_t row = axes & 1 ? 0 : k / sizes[1], col = axes & 2 ? 0 : k % sizes[1];
        sums[row * op.output.sizes[1] + col] +=
            read(context, a, k).f * read(context, b, k).f + static_cast<double>(k) * 1e-6;
      }
      for (size_t j = 0; j < sums.size(); ++j)
        ASSERT_NEAR(read(context, op.output, static_cast<int64_t>(j)).f, sums[j] * 0.01,
                    1e-3 * std::fabs(sums[j] * 0.01) + 1e-3);
    }
}

}  // namespace
}  // namespace lineshaft::cpu::test
