#include "lineshaft/ops/softmax.h"

#include <gtest/gtest.h>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/ops/softmax_grad.h"

namespace lineshaft::cpu::test {
namespace {

// Offsets of the elements of one line, and of all lines' first elements.
template <class F>
void for_each_line(const TensorView& view, int axis, F&& f) {
  std::vector<int64_t> strides(view.rank, 1);
  for (int i = view.rank - 2; i >= 0; --i) strides[i] = strides[i + 1] * view.sizes[i + 1];
  for (int64_t k = 0; k < view.numel(); ++k)
    if (k / strides[axis] % view.sizes[axis] == 0) f(k, strides[axis]);
}

double tolerance(DType type) {
  return type == DType::kF64 ? 1e-14 : type == DType::kF32 ? 1e-6 : type == DType::kF16 ? 1e-3 : 1e-2;
}

void check(TestContext& context, const TensorView& in, const TensorView& grad, const TensorView& out,
           const TensorView& grad_in, int axis, bool log) {
  SCOPED_TRACE(concat(to_string(in), " -> ", to_string(out), " axis ", axis, " log ", log));
  auto x = values(context, in), g = values(context, grad);  // in may be out
  Softmax op{axis, log, in, out};
  validate(op);
  run(context, op);
  auto y = values(context, out);
  SoftmaxGrad grad_op{axis, log, grad, out, grad_in};
  validate(grad_op);
  run(context, grad_op);
  auto dx = values(context, grad_in);
  double close = tolerance(out.dtype);
  for_each_line(in, axis, [&](int64_t first, int64_t stride) {
    int64_t n = in.sizes[axis];
    double max = -INFINITY, sum = 0, dot = 0;
    for (int64_t i = 0; i < n; ++i) max = std::max(max, x[first + i * stride]);
    for (int64_t i = 0; i < n; ++i) sum += std::exp(x[first + i * stride] - max);
    for (int64_t i = 0; i < n; ++i) dot += g[first + i * stride] * (log ? 1 : y[first + i * stride]);
    for (int64_t i = 0; i < n; ++i) {
      int64_t at = first + i * stride;
      double want = log ? x[at] - max - std::log(sum) : std::exp(x[at] - max) / sum;
      ASSERT_NEAR(y[at], want, close * (1 + std::fabs(want)));
      double back = log ? g[at] - std::exp(y[at]) * dot : y[at] * (g[at] - dot);
      ASSERT_NEAR(dx[at], back, 4 * close * (1 + std::fabs(back) + (log ? std::fabs(dot) : 0)));
    }
  });
}

TEST(CpuSoftmax, EveryAxisAndDtype) {
  EachIsa::run([](Isa) {
    for (DType type : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16})
      for (auto sizes : {std::vector<int64_t>{3, 37, 50}, {1, 1500, 40}, {9, 1, 3}, {2, 5, 1100}})
        for (int axis = 0; axis < 3; ++axis)
          for (bool log : {false, true}) {
            TestContext context;
            TensorView in = context.make(type, sizes), grad = context.make(type, sizes);
            randomize(context, in, 1, 3);
            randomize(context, grad, 2);
            check(context, in, grad, context.make(type, sizes), context.make(type, sizes), axis, log);
          }
  });
}

TEST(CpuSoftmax, DtypesMayDiffer) {
  for (auto [from, to] : {std::pair{DType::kF16, DType::kF32},
                          {DType::kF32, DType::kF64},
                          {DType::kF64, DType::kF32},
                          {DType::kF32, DType::kBF16}}) {
    TestContext context;
    TensorView in = context.make(from, {20, 30}), grad = context.make(from, {20, 30});
    randomize(context, in, 1);
    randomize(context, grad, 2);
    for (int axis : {0, 1}) {
      TensorView out = context.make(to, {20, 30});
      check(context, in, grad, out, context.make(to, {20, 30}), axis, false);
    }
  }
}

// The same values in another layout, and in place, give the same bits.
TEST(CpuSoftmax, BitsDoNotDependOnLayout) {
  for (bool log : {false, true}) {
    TestContext context;
    TensorView a = context.make(DType::kF32, {1300, 40}), b = context.make(DType::kF32, {40, 1300});
    std::swap(b.sizes[0], b.sizes[1]);
    std::swap(b.strides[0], b.strides[1]);
    randomize(context, a, 5, 2);
    for (int64_t k = 0; k < a.numel(); ++k) write(context, b, k, read(context, a, k));
    TensorView out = context.make(DType::kF32, {1300, 40});
    run(context, Softmax{0, log, a, out});
    run(context, Softmax{0, log, b, b});
    EXPECT_EQ(values(context, out), values(context, b));
    TensorView dx = context.make(DType::kF32, {1300, 40});
    run(context, SoftmaxGrad{0, log, a, out, dx});
    run(context, SoftmaxGrad{0, log, a, b, b});
    EXPECT_EQ(values(context, dx), values(context, b));
  }
}

TEST(CpuSoftmax, MaskedAndSpecialValues) {
  TestContext context;
  TensorView in = context.make(DType::kF32, {4, 70}), out = context.make(DType::kF32, {4, 70});
  randomize(context, in, 1);
  for (int64_t k = 0; k < 70; ++k) {
    if (k % 3) write(context, in, k, {-INFINITY});
    write(context, in, 70 + k, {-INFINITY});
    if (k == 5) write(context, in, 140 + k, {std::nan("")});
    write(context, in, 210 + k, {1e30});
  }
  run(context, Softmax{1, false, in, out});
  auto y = values(context, out);
  double sum = 0;
  for (int64_t k = 0; k < 70; ++k) {
    if (k % 3) {
      EXPECT_EQ(y[k], 0);
    }
    sum += y[k];
    EXPECT_TRUE(std::isnan(y[70 + k]));
    EXPECT_TRUE(std::isnan(y[140 + k]));
    EXPECT_FLOAT_EQ(static_cast<float>(y[210 + k]), 1.0f / 70);
  }
  EXPECT_NEAR(sum, 1, 1e-6);
}

}  // namespace
}  // namespace lineshaft::cpu::test
