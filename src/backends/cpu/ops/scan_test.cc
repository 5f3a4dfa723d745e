#include "lineshaft/ops/scan.h"

#include <gtest/gtest.h>

#include "backends/cpu/program/test_context.h"

namespace lineshaft::cpu::test {
namespace {

struct Running {
  double value = 0;
  int64_t index = 0;
};

Running join(ScanKind kind, Running before, double x, int64_t at) {
  switch (kind) {
    case ScanKind::kSum:
      return {before.value + x, at};
    case ScanKind::kProd:
      return {before.value * x, at};
    case ScanKind::kLogSumExp:
      return {std::log(std::exp(before.value) + std::exp(x)), at};
    default: {
      bool takes = std::isnan(x) ||
                   (!std::isnan(before.value) && (kind == ScanKind::kMax ? x >= before.value : x <= before.value));
      return takes ? Running{x, at} : before;
    }
  }
}

void check(DType type, const std::vector<int64_t>& sizes, int axis, ScanKind kind, bool reverse, bool transposed) {
  SCOPED_TRACE(concat(name_of(type), " axis ", axis, " kind ", static_cast<int>(kind), " reverse ", reverse,
                      " transposed ", transposed));
  TestContext context;
  bool extreme = kind == ScanKind::kMax || kind == ScanKind::kMin;
  DType stored = is_float(type) || extreme ? type : DType::kI64;
  TensorView in = context.make(type, sizes), out = context.make(stored, sizes),
             indices = context.make(DType::kI64, sizes);
  if (transposed)
    for (auto* view : {&in, &out})
      std::swap(view->sizes[0], view->sizes[2]), std::swap(view->strides[0], view->strides[2]);
  if (transposed) indices = context.make(DType::kI64, {in.sizes[0], in.sizes[1], in.sizes[2]});
  randomize(context, in, 4, 0.3);
  if (kind == ScanKind::kProd)
    for (int64_t k = 0; k < in.numel(); ++k)
      write(context, in, k, number_of(type, is_float(type) ? 1 + 0.01 * std::sin(k) : 1 + k % 17 / 16));
  if (extreme && is_float(type)) write(context, in, in.numel() / 2, {std::nan("")});
  Scan op{.kind = kind, .axis = axis, .reverse = reverse, .input = in, .output = out};
  if (extreme) op.indices = indices;
  validate(op);
  run(context, op);
  int64_t stride = 1, n = in.sizes[axis];
  for (int i = axis + 1; i < in.rank; ++i) stride *= in.sizes[i];
  double close = type == DType::kF64 ? 1e-12 : type == DType::kF32 ? 1e-5 : type == DType::kF16 ? 2e-3 : 2e-2;
  for (int64_t k = 0; k < in.numel(); ++k) {
    if (k / stride % n != 0) continue;
    Running running;
    for (int64_t i = 0; i < n; ++i) {
      int64_t at = reverse ? n - 1 - i : i, element = k + at * stride;
      double x = read_double(context, in, element);
      running = i == 0 ? Running{x, at} : join(kind, running, x, at);
      double got = read_double(context, out, element);
      if (std::isnan(running.value)) {
        ASSERT_TRUE(std::isnan(got));
      } else if (extreme || !is_float(type)) {
        ASSERT_EQ(got, running.value);
      } else {
        ASSERT_NEAR(got, running.value, close * (1 + std::fabs(running.value)) * (1 + std::sqrt(i) / 4));
      }
      if (extreme) {
        ASSERT_EQ(read(context, indices, element).i, running.index);
      }
    }
  }
}

TEST(CpuScan, EveryKindAxisAndDtype) {
  for (DType type : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64, DType::kI32, DType::kI16,
                     DType::kI8, DType::kU8, DType::kBool})
    for (ScanKind kind : {ScanKind::kSum, ScanKind::kProd, ScanKind::kMax, ScanKind::kMin, ScanKind::kLogSumExp}) {
      if (kind == ScanKind::kLogSumExp && !is_float(type)) continue;
      for (int axis = 0; axis < 3; ++axis)
        for (bool reverse : {false, true})
          for (bool transposed : {false, true}) check(type, {5, 40, 33}, axis, kind, reverse, transposed);
    }
}

TEST(CpuScan, LogSumExpOfInfinities) {
  TestContext context;
  TensorView in = context.make(DType::kF32, {4}), out = context.make(DType::kF32, {4});
  double given[] = {-INFINITY, 1000, 1000, INFINITY};
  for (int k = 0; k < 4; ++k) write(context, in, k, {given[k]});
  run(context, Scan{.kind = ScanKind::kLogSumExp, .input = in, .output = out});
  EXPECT_EQ(read(context, out, 0).f, -INFINITY);
  EXPECT_EQ(read(context, out, 1).f, 1000);
  EXPECT_NEAR(read(context, out, 2).f, 1000 + std::log(2.0), 1e-3);
  EXPECT_EQ(read(context, out, 3).f, INFINITY);
}

}  // namespace
}  // namespace lineshaft::cpu::test
