#include "lineshaft/ops/matmul.h"

#include "backends/cpu/dnn/test_tensor.h"

namespace lineshaft::cpu::test {
namespace {

// A rank 2 or 3 product over row-major values.
std::vector<double> reference(const std::vector<double>& a, const std::vector<double>& b, int64_t batch, int64_t m,
                              int64_t n, int64_t k) {
  std::vector<double> c(batch * m * n);
  for (int64_t i = 0; i < batch; ++i)
    for (int64_t r = 0; r < m; ++r)
      for (int64_t x = 0; x < k; ++x)
        for (int64_t s = 0; s < n; ++s) c[(i * m + r) * n + s] += a[(i * m + r) * k + x] * b[(i * k + x) * n + s];
  return c;
}

Sizes sizes_of(int64_t batch, int64_t rows, int64_t columns) {
  return batch ? Sizes{batch, rows, columns} : Sizes{rows, columns};
}

Layout layout(bool batched, bool transposed, int64_t gap) {
  Layout result;
  result.gap = gap;
  result.lead = gap;
  if (transposed) result.order = batched ? std::vector<int>{0, 2, 1} : std::vector<int>{1, 0};
  return result;
}

struct Case {
  DType type;
  int64_t batch, m, n, k;
  bool ta = false, tb = false, tc = false;
  int64_t gap = 0;
  DType result = type;
};

void check(const Case& c) {
  SCOPED_TRACE(concat(name_of(c.type), " -> ", name_of(c.result), " ", c.batch, "x", c.m, "x", c.n, "x", c.k,
                      " transposed ", c.ta, c.tb, c.tc, " gap ", c.gap));
  Tensor a(c.type, sizes_of(c.batch, c.m, c.k), layout(c.batch, c.ta, c.gap));
  Tensor b(c.type, sizes_of(c.batch, c.k, c.n), layout(c.batch, c.tb, c.gap));
  Tensor out(c.result, sizes_of(c.batch, c.m, c.n), layout(c.batch, c.tc, c.gap));
  auto x = a.randomize(1), y = b.randomize(2);
  stream().record(Matmul{a.view, b.view, out.view, {}});
  auto want = reference(x, y, std::max<int64_t>(c.batch, 1), c.m, c.n, c.k);
  if (!is_float(c.result))
    for (double& value : want) value = rounded(c.result, value);
  expect_close(out.read(), want, tolerance(c.result, c.k), std::sqrt(c.k));
}

TEST(CpuMatmul, EveryDtypeAgreesWithDoubles) {
  for (DType type : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64, DType::kI32, DType::kI16,
                     DType::kI8, DType::kU8})
    for (auto [m, n, k] : {std::array<int64_t, 3>{1, 1, 1}, {5, 7, 3}, {97, 200, 193}, {1, 130, 65}, {130, 1, 65}}) {
      check({type, 0, m, n, k});
      check({type, 3, m, n, k, true});
      check({type, 0, m, n, k, false, true, false, 3});
      check({type, 2, m, n, k, true, true, true, 1});
    }
}

TEST(CpuMatmul, ManySmallMatricesAgreeWithDoubles) {
  for (DType type : {DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kI32})
    for (int variant = 0; variant < 8; ++variant) {
      check({type, 33, 16, 16, 16, (variant & 1) != 0, (variant & 2) != 0, (variant & 4) != 0});
      check({type, 9, 1, 5, 8, (variant & 1) != 0, (variant & 2) != 0, (variant & 4) != 0, 2});
    }
}

TEST(CpuMatmul, IntegersWrap) {
  Tensor a(DType::kI8, {1, 3}), b(DType::kI8, {3, 1}), out(DType::kI8, {1, 1});
  a.write({100, 100, 100});
  b.write({100, 100, 7});
  stream().record(Matmul{a.view, b.view, out.view, {}});
  EXPECT_EQ(out.read()[0], rounded(DType::kI8, 20700));
}

TEST(CpuMatmul, NothingToSumGivesZeros) {
  for (DType type : {DType::kF32, DType::kBF16, DType::kI64}) {
    Tensor a(type, {2, 3, 0}), b(type, {2, 0, 4}), out(type, {2, 3, 4}, {{2, 0, 1}, 1, 1});
    stream().record(Matmul{a.view, b.view, out.view, {}});
    for (double value : out.read()) EXPECT_EQ(value, 0);
  }
  Tensor a(DType::kF32, {0, 3}), b(DType::kF32, {3, 4}), out(DType::kF32, {0, 4});
  stream().record(Matmul{a.view, b.view, out.view, {}});
  EXPECT_TRUE(out.read().empty());
}

TEST(CpuMatmul, BroadcastBatchesAndOddStrides) {
  for (DType type : {DType::kF32, DType::kBF16, DType::kF64}) {
    Tensor a(type, {4, 20, 30}), b(type, {30, 40}), out(type, {4, 20, 40});
    auto x = a.randomize(3), y = b.randomize(4);
    Sizes wide_sizes{4, 30, 40};
    TensorView wide = broadcast_to(b.view, std::span<const int64_t>(wide_sizes));
    stream().record(Matmul{a.view, wide, out.view, {}});
    std::vector<double> repeated;
    for (int i = 0; i < 4; ++i) repeated.insert(repeated.end(), y.begin(), y.end());
    expect_close(out.read(), reference(x, repeated, 4, 20, 40, 30), tolerance(type, 30), 5);

    // Rows backwards, and every third column.
    Tensor c(type, {20, 90}), d(type, {20, 40});
    auto z = c.randomize(5);
    TensorView odd = c.view;
    odd.sizes = {20, 30};
    odd.offset = 19 * 90 * size_of(type);
    odd.strides = {-90, 3};
    std::vector<double> picked;
    for (int r = 0; r < 20; ++r)
      for (int s = 0; s < 30; ++s) picked.push_back(z[(19 - r) * 90 + 3 * s]);
    stream().record(Matmul{odd, b.view, d.view, {}});
    expect_close(d.read(), reference(picked, y, 1, 20, 40, 30), tolerance(type, 30), 5);
  }
}

TEST(CpuMatmul, RunsAgainGiveTheSameBits) {
  for (DType type : {DType::kF32, DType::kBF16, DType::kF64}) {
    Tensor a(type, {3, 100, 300}), b(type, {3, 300, 70}), one(type, {3, 100, 70}), two(type, {3, 100, 70});
    a.randomize(6);
    b.randomize(7);
    stream().record(Matmul{a.view, b.view, one.view, {}});
    stream().record(Matmul{a.view, b.view, two.view, {}});
    EXPECT_EQ(one.read(), two.read());
  }
}

// relu(r + bias) as an epilogue gives the bits of the three operations apart.
TEST(CpuMatmul, AnEpilogueChangesNoBit) {
  for (DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
    Tensor a(type, {50, 60}), b(type, {60, 70}), bias(type, {70});
    Tensor fused(type, {50, 70}), apart(type, {50, 70});
    a.randomize(8);
    b.randomize(9);
    bias.randomize(10);
    ProgramBuilder p;
    Expr r = p.input(type), c = p.input(type);
    p.output(max(r + c, 0.0), type);
    ProgramRef program = p.finish();
    TensorView row = broadcast_to(bias.view, fused.view.shape());
    stream().record(Matmul{a.view, b.view, fused.view, {program, {&row, 1}, {}}});
    stream().record(Matmul{a.view, b.view, apart.view, {}});
    TensorView inputs[] = {apart.view, row};
    stream().record(Map{program, inputs, {&apart.view, 1}, {}});
    EXPECT_EQ(fused.read(), apart.read());
  }
}

// output = r + output, and a result that the epilogue takes in another dtype.
TEST(CpuMatmul, AnEpilogueMayReadTheOutput) {
  Tensor a(DType::kBF16, {20, 60}), b(DType::kBF16, {60, 30}), out(DType::kBF16, {20, 30});
  auto x = a.randomize(11), y = b.randomize(12), z = out.randomize(13);
  ProgramBuilder p;
  Expr r = p.input(DType::kF32), c = p.input(DType::kBF16);
  p.output(r + c, DType::kBF16);
  stream().record(Matmul{a.view, b.view, out.view, {p.finish(), {&out.view, 1}, {}}});
  auto want = reference(x, y, 1, 20, 30, 60);
  for (size_t i = 0; i < want.size(); ++i) want[i] += z[i];
  expect_close(out.read(), want, tolerance(DType::kBF16, 60), 1);
}

}  // namespace
}  // namespace lineshaft::cpu::test
