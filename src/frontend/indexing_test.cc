#include "lineshaft/frontend/indexing.h"

#include <gtest/gtest.h>

#include <numeric>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"
#include "lineshaft/frontend/reduction.h"
#include "lineshaft/frontend/spatial.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;
using Longs = std::vector<int64_t>;

Tensor longs(std::vector<int64_t> sizes, const Longs& values) {
  return {DType::kI64, std::move(sizes), values};
}

// 0, 1, 2, ...
Tensor numbered(std::vector<int64_t> sizes) {
  Longs values(static_cast<size_t>(std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>())));
  std::iota(values.begin(), values.end(), 0);
  return longs(std::move(sizes), values);
}

TensorView view(const Tensor& tensor) {
  return view_of(tensor.ref());
}

Longs gathered(const IndexedSpace& indexed, std::vector<int64_t> sizes) {
  EXPECT_EQ(Longs(indexed.space().begin(), indexed.space().end()), sizes);
  Tensor out(DType::kI64, std::move(sizes));
  indexed.gather_into(stream(0), view(out));
  return out.values<int64_t>();
}

TEST(FrontendIndexing, AGridReadsAllCombinations) {
  Tensor self = numbered({2, 3}), rows = longs({3}, {1, 0, 1}), columns = longs({2}, {2, 0});
  TensorView indices[] = {view(rows), view(columns)};
  EXPECT_EQ(gathered(index_grid(view(self), 0, indices), {3, 2}), (Longs{5, 3, 2, 0, 5, 3}));
  EXPECT_EQ(gathered(index_grid(view(self), 1, {&indices[1], 1}), {2, 2}), (Longs{2, 0, 5, 3}));
  EXPECT_EQ(gathered(index_slices(view(self), 0, indices[0]), {3, 3}), (Longs{3, 4, 5, 0, 1, 2, 3, 4, 5}));
}

TEST(FrontendIndexing, AGridAddsBack) {
  Tensor self = longs({2, 2}, {0, 0, 0, 0}), rows = longs({3}, {0, 0, 1}), columns = longs({1}, {1});
  Tensor source = longs({3, 1}, {1, 10, 100});
  TensorView indices[] = {view(rows), view(columns)};
  index_grid(view(self), 0, indices).scatter_from(stream(0), ScatterKind::kAdd, view(source));
  EXPECT_EQ(self.values<int64_t>(), (Longs{0, 11, 0, 100}));
}

TEST(FrontendIndexing, OneElementAlongAnAxis) {
  Tensor self = numbered({2, 3}), of_rows = longs({2}, {2, 0}), of_columns = longs({3}, {1, 0, 1});
  EXPECT_EQ(gathered(index_one(view(self), 1, view(of_rows)), {2}), (Longs{2, 3}));
  EXPECT_EQ(gathered(index_one(view(self), 0, view(of_columns)), {3}), (Longs{3, 1, 5}));
  Tensor none = longs({2, 0}, {});
  expect_error(ErrorCode::kIndex, "size 0", [&] { index_one(view(none), 1, view(of_rows)); });
}

TEST(FrontendIndexing, PlanesAreCountedRowByRow) {
  Tensor self = numbered({1, 2, 2, 2}), index = longs({1, 2, 1, 2}, {3, 0, 1, 2});
  EXPECT_EQ(gathered(index_planes(view(self), view(index)), {1, 2, 1, 2}), (Longs{3, 0, 5, 6}));
}

TEST(FrontendIndexing, WindowsLieWhereTheyAreTold) {
  Tensor self = numbered({1, 1, 3, 4}), rows = longs({1, 1, 1, 2}, {1, 2}), columns = longs({1, 1, 2, 2}, {0, 1, 2, 3});
  TensorView positions[] = {view(rows), view(columns)};
  // Two windows of 2 x 2, side by side.
  EXPECT_EQ(gathered(index_windows(view(self), positions), {1, 1, 1, 2, 2, 2}), (Longs{4, 5, 8, 9, 6, 7, 10, 11}));
}

TEST(FrontendIndexing, SumsAndProductsOfHalvesAreKeptWide) {
  for (DType half : {DType::kF16, DType::kBF16}) {
    EXPECT_EQ(accumulation_type(ScatterKind::kAdd, half), DType::kF32);
    EXPECT_EQ(accumulation_type(ScatterKind::kMultiply, half), DType::kF32);
    for (ScatterKind kind : {ScatterKind::kAssign, ScatterKind::kMax, ScatterKind::kMin})
      EXPECT_EQ(accumulation_type(kind, half), half);
  }
  for (DType type : {DType::kF64, DType::kF32, DType::kI64, DType::kI8, DType::kBool})
    EXPECT_EQ(accumulation_type(ScatterKind::kAdd, type), type);
}

Longs places(const Tensor& sequence, const Tensor& values, std::vector<int64_t> sizes, bool right) {
  Tensor out(DType::kI64, std::move(sizes));
  record_search(stream(0), view(sequence), view(values), right, view(out));
  return out.values<int64_t>();
}

TEST(FrontendIndexing, ValuesAreSearchedInTheirRows) {
  Tensor rows = longs({2, 4}, {1, 3, 3, 5, 0, 2, 4, 6}), values = longs({2, 2}, {3, 6, 3, -1});
  EXPECT_EQ(places(rows, values, {2, 2}, false), (Longs{1, 4, 2, 0}));
  EXPECT_EQ(places(rows, values, {2, 2}, true), (Longs{3, 4, 2, 0}));
  Tensor one = longs({4}, {1, 3, 3, 5});
  EXPECT_EQ(places(one, values, {2, 2}, true), (Longs{3, 4, 3, 0}));
  Tensor strided = longs({7}, {1, 9, 3, 9, 3, 9, 5}), number = longs({}, {4});
  EXPECT_EQ(places(strided.view({4}, {2}), number, {}, false), (Longs{3}));
}

TEST(FrontendIndexing, SequencesThatDoNotFitTheirValuesAreRefused) {
  Tensor rows = longs({3, 1}, {1, 2, 3}), values = longs({2, 2}, {3, 6, 3, -1}), number = longs({}, {4});
  expect_error(ErrorCode::kInvalidArgument, "do not broadcast", [&] { places(rows, values, {2, 2}, false); });
  expect_error(ErrorCode::kInvalidArgument, "one axis at least", [&] { places(number, values, {2, 2}, false); });
}

TEST(FrontendIndexing, ReversedAxesBeginAtTheirEnds) {
  TensorView from = contiguous_view(BufferId::make(1, 1), DType::kF32, {2, 3}), turned = reversed(from, 0b10);
  EXPECT_EQ(turned.offset, 2 * 4);
  EXPECT_EQ(turned.strides[0], 3);
  EXPECT_EQ(turned.strides[1], -1);
  EXPECT_EQ(reversed(turned, 0b10), from);
  EXPECT_EQ(reversed(from, 0), from);
}

TensorView view(DType dtype, std::initializer_list<int64_t> sizes) {
  return contiguous_view(BufferId::make(1, 1), dtype, sizes);
}

TEST(FrontendIndexing, AxesThatATensorDoesNotHaveAreRefused) {
  TensorView table = view(DType::kF32, {4, 5}), index = view(DType::kI64, {3}), each = view(DType::kI64, {3, 5});
  for (int axis : {-1, 2, 100}) {
    expect_error(ErrorCode::kInvalidArgument, "its axes are 0 to 1", [&] { index_each(table, axis, each); });
    expect_error(ErrorCode::kInvalidArgument, "its axes are 0 to 1", [&] { index_slices(table, axis, index); });
    expect_error(ErrorCode::kInvalidArgument, "its axes are 0 to 1", [&] {
      index_neighbours(table, axis, {&index, 1});
    });
  }
  expect_error(ErrorCode::kInvalidArgument, "an index of 1 axes for a tensor of 2",
               [&] { index_each(table, 0, index); });
  expect_error(ErrorCode::kInvalidArgument, "it takes one", [&] { index_slices(table, 0, each); });
}

TEST(FrontendIndexing, IndicesThatDoNotGoTogetherAreRefused) {
  TensorView table = view(DType::kF32, {4, 5});
  const TensorView alike[] = {view(DType::kI64, {3}), view(DType::kI64, {3}), view(DType::kI64, {3})};
  const TensorView other[] = {view(DType::kI64, {3}), view(DType::kI64, {2})};
  EXPECT_EQ(index_neighbours(table, 0, {alike, 2}).base.rank, 1);
  expect_error(ErrorCode::kInvalidArgument, "no index is given", [&] { index_neighbours(table, 0, {}); });
  expect_error(ErrorCode::kInvalidArgument, "3 indices from axis 0 on", [&] { index_neighbours(table, 0, alike); });
  expect_error(ErrorCode::kInvalidArgument, "2 indices from axis 1 on", [&] {
    index_neighbours(table, 1, {alike, 2});
  });
  expect_error(ErrorCode::kInvalidArgument, "broadcast them first", [&] { index_neighbours(table, 0, other); });
}

TEST(FrontendIndexing, ReducedAxesAreTheTensors) {
  expect_error(ErrorCode::kInvalidArgument, "takes 0 to 3", [] { Reduction(view(DType::kF32, {4, 5}), 4, false); });
  EXPECT_EQ(Reduction(view(DType::kF32, {4, 5}), 3, false).count(), 20);
}

TEST(FrontendIndexing, SpatialValuesAreOneOrOneForEachAxis) {
  const int64_t values[] = {2, 3, 4, 5};
  EXPECT_EQ(spatial_of(std::span(values).first(1), 2, 1), (Spatial{2, 2, 1}));
  EXPECT_EQ(spatial_of(std::span(values).first(2), 2, 1), (Spatial{2, 3, 1}));
  expect_error(ErrorCode::kInvalidArgument, "2 values are given for 3 spatial axes",
               [&] { spatial_of(std::span(values).first(2), 3, 1); });
  expect_error(ErrorCode::kInvalidArgument, "at most 3 spatial axes; got 4", [&] { spatial_of(values, 4, 1); });
}

}  // namespace
}  // namespace lineshaft::frontend
