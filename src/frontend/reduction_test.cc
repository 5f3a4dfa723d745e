#include "lineshaft/frontend/reduction.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::expect_close;
using test::kInfinity;
using test::kNan;
using test::Tensor;
using test::vector_of;
using Longs = std::vector<int64_t>;

constexpr uint8_t kRows = 1, kColumns = 2;

Tensor reduced_matrix() {
  return {DType::kF64, {2, 3}, Doubles{1, -2, 3, kNan, 5, 0}};
}

TensorView seen(const Tensor& tensor) {
  return view_of(tensor.ref());
}

template <class T>
std::vector<T> values_reduced(const Tensor& in, ReduceKind kind, DType type, bool nan_to_zero = false) {
  Tensor out(type, {});
  record_values(stream(0), Reduction(seen(in)), kind, seen(out), nan_to_zero);
  return out.values<T>();
}

TEST(FrontendReduction, ResultsHaveTheKeptAxesOrNone) {
  Tensor in = reduced_matrix();
  Reduction columns(seen(in), kColumns, false), kept(seen(in), kColumns, true), all(seen(in));
  EXPECT_EQ(Longs(columns.sizes().begin(), columns.sizes().end()), Longs{2});
  EXPECT_EQ(Longs(kept.sizes().begin(), kept.sizes().end()), (Longs{2, 1}));
  EXPECT_TRUE(all.sizes().empty());
  EXPECT_EQ(columns.count(), 3);
  EXPECT_EQ(all.count(), 6);
  Tensor one(DType::kF64, {}), vector(DType::kF64, {2}), matrix(DType::kF64, {2, 1});
  EXPECT_EQ(shape_text(all.output(seen(one)).shape()), "[1, 1]");
  EXPECT_EQ(shape_text(columns.output(seen(vector)).shape()), "[2, 1]");
  EXPECT_EQ(kept.output(seen(matrix)), seen(matrix));
  EXPECT_FALSE(all.output({}));
}

TEST(FrontendReduction, ValuesAreConvertedBeforeTheyAreSummed) {
  Tensor in = vector_of<double>({1.75, 2.75, -1.5});
  EXPECT_EQ(values_reduced<double>(in, ReduceKind::kSum, DType::kF64), Doubles{3});
  EXPECT_EQ(values_reduced<int64_t>(in, ReduceKind::kSum, DType::kI64), Longs{2});
  EXPECT_EQ(values_reduced<int64_t>(in, ReduceKind::kProd, DType::kI64), Longs{-2});
  EXPECT_EQ(values_reduced<double>(in, ReduceKind::kMax, DType::kF64), Doubles{2.75});
  expect_close(values_reduced<double>(reduced_matrix(), ReduceKind::kSum, DType::kF64), {kNan});
  EXPECT_EQ(values_reduced<double>(reduced_matrix(), ReduceKind::kSum, DType::kF64, true), Doubles{7});
}

TEST(FrontendReduction, TruthIsNotCounted) {
  Tensor some = vector_of<double>({0, 0.5, 2});
  using Bytes = std::vector<uint8_t>;
  EXPECT_EQ(values_reduced<uint8_t>(some, ReduceKind::kSum, DType::kBool), Bytes{1});
  EXPECT_EQ(values_reduced<uint8_t>(some, ReduceKind::kProd, DType::kBool), Bytes{0});
}

TEST(FrontendReduction, MeansAndCountsAlongAnAxis) {
  Tensor in = reduced_matrix(), means(DType::kF64, {3}), counts(DType::kI64, {2, 1}), none(DType::kF64, {0});
  record_mean(stream(0), Reduction(seen(in), kRows, false), seen(means));
  expect_close(means.values<double>(), {kNan, 1.5, 1.5});
  record_count_nonzero(stream(0), Reduction(seen(in), kColumns, true), seen(counts));
  EXPECT_EQ(counts.values<int64_t>(), (Longs{3, 2}));
  Tensor mean(DType::kF64, {});
  record_mean(stream(0), Reduction(seen(none)), seen(mean));
  expect_close(mean.values<double>(), {kNan});
}

TEST(FrontendReduction, VariancesOfNothingAreNoNumbers) {
  Tensor in = vector_of<double>({1, 2, 6}), mean(DType::kF64, {}), variance(DType::kF64, {}), none(DType::kF64, {0});
  auto record = [&](const Tensor& input, double correction) {
    record_variance(stream(0), Reduction(seen(input)), correction, seen(mean), seen(variance));
  };
  record(in, 1);
  expect_close(mean.values<double>(), {3});
  expect_close(variance.values<double>(), {7});
  record(in, 0);
  expect_close(variance.values<double>(), {14.0 / 3});
  record(none, -2);
  expect_close(mean.values<double>(), {kNan});
  expect_close(variance.values<double>(), {kNan});
}

double norm_of_order(double order, const Doubles& values) {
  Tensor in = vector_of<double>(values), out(DType::kF64, {});
  record_norm(stream(0), Reduction(seen(in)), order, seen(out));
  return out.values<double>()[0];
}

TEST(FrontendReduction, NormsOfOneElementAreItsMagnitude) {
  for (double order : {1.0, 2.0, 300.0, -3.0, kInfinity}) EXPECT_EQ(norm_of_order(order, {-1e-200}), 1e-200) << order;
  EXPECT_EQ(norm_of_order(0, {-1e-200}), 1);
  EXPECT_EQ(norm_of_order(1, {3, -4}), 7);
  EXPECT_NEAR(norm_of_order(2, {3, -4}), 5, 1e-12);
  EXPECT_NEAR(norm_of_order(3, {3, -4}), std::cbrt(91.0), 1e-10);
  EXPECT_EQ(norm_of_order(kInfinity, {3, -4}), 4);
}

}  // namespace
}  // namespace lineshaft::frontend
