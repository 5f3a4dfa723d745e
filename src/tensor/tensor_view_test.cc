#include "lineshaft/tensor/tensor_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "lineshaft/base/error.h"
#include "support/expected_error.h"
#include "tensor/half.h"

namespace lineshaft {
namespace {

constexpr BufferId kBuffer = BufferId::make(1, 1);

TensorView view_of(std::vector<int64_t> sizes, std::vector<int64_t> strides, int64_t offset = 0) {
  TensorView view = contiguous_view(kBuffer, DType::kF32, sizes, offset);
  for (size_t i = 0; i < strides.size(); ++i) view.strides[i] = strides[i];
  return view;
}

std::vector<int64_t> addresses(const TensorView& view) {
  std::vector<int64_t> found;
  std::array<int64_t, kMaxRank> at{};
  for (int64_t n = 0; n < view.numel(); ++n) {
    int64_t address = view.offset / 4;
    for (int i = 0; i < view.rank; ++i) address += at[i] * view.strides[i];
    found.push_back(address);
    for (int i = view.rank - 1; i >= 0 && ++at[i] == view.sizes[i]; --i) at[i] = 0;
  }
  return found;
}

TEST(TensorView, OverlapAgreesWithEnumeration) {
  uint32_t state = 1;
  auto random = [&](int n) { return static_cast<int64_t>((state = state * 1664525 + 1013904223) >> 8) % n; };
  int disjoint = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<int64_t> sizes{1 + random(3), 1 + random(3)}, strides{random(7), 1 + random(3)};
    TensorView a = view_of(sizes, strides, 4 * random(12));
    std::vector<int64_t> other{1 + random(3), 1 + random(3)};
    TensorView b =
        view_of(random(2) ? sizes : other, random(2) ? strides : std::vector<int64_t>{random(7), 1}, 4 * random(12));
    auto x = addresses(a), y = addresses(b);
    std::set<int64_t> in_x(x.begin(), x.end());
    bool shared = false;
    for (int64_t address : y) shared |= in_x.contains(address);
    Overlap found = overlap(a, b);
    if (found == Overlap::kDisjoint) {
      EXPECT_FALSE(shared) << to_string(a) << " " << to_string(b);
      ++disjoint;
    }
    if (found == Overlap::kIdentical) {
      EXPECT_EQ(x, y);
    }
  }
  EXPECT_GT(disjoint, 100);
}

TEST(TensorView, ColumnsOfAMatrixAreDisjoint) {
  EXPECT_EQ(overlap(view_of({4, 2}, {8, 1}, 0), view_of({4, 2}, {8, 1}, 8)), Overlap::kDisjoint);
  EXPECT_EQ(overlap(view_of({4, 3}, {8, 1}, 0), view_of({4, 3}, {8, 1}, 8)), Overlap::kPartial);
}

constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();

TEST(TensorView, SizesThatPassEveryLimitStayThere) {
  const int64_t large[] = {kMost, 3}, none[] = {kMost, kMost, 0}, mixed[] = {kLeast, -1};
  EXPECT_EQ(numel_of(large), kMost);
  EXPECT_EQ(numel_of(none), 0);
  EXPECT_EQ(numel_of(mixed), kMost);
  TensorView view = view_of({2, 2}, {1, 1});
  view.sizes = {kMost, kMost};
  EXPECT_EQ(view.numel(), kMost);
  EXPECT_FALSE(view.is_contiguous());
}

TEST(TensorView, BytesThatPassEveryLimitStayThere) {
  TensorView view = view_of({2, 2}, {1, 1});
  view.sizes = {kMost, 2};
  view.strides = {kMost, kLeast};
  EXPECT_EQ(byte_range(view).end, kMost);
  EXPECT_EQ(byte_range(view).begin, kLeast);
  view = view_of({3}, {1}, kMost - 3);
  EXPECT_EQ(byte_range(view).end, kMost);
  view = view_of({3}, {kLeast}, -5);
  EXPECT_EQ(byte_range(view).begin, kLeast);
}

TEST(TensorView, SizesThatNoTensorHasAreRefused) {
  auto made = [](std::vector<int64_t> sizes) { return [sizes] { contiguous_view(kBuffer, DType::kF32, sizes); }; };
  expect_error(ErrorCode::kInvalidArgument, "a view's size is -1, below 0", made({3, -1}));
  expect_error(ErrorCode::kInvalidArgument, "spans more than 2^52 elements", made({kMost, 2}));
  expect_error(ErrorCode::kInvalidArgument, "spans more than 2^52 elements", made({0, kMost}));
  expect_error(ErrorCode::kInvalidArgument, "rank 9", made(std::vector<int64_t>(9, 1)));
  EXPECT_NO_THROW(made({int64_t{1} << 52})());
  const int64_t negative[] = {-1}, many[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  for (std::span<const int64_t> sizes : {std::span<const int64_t>(negative), std::span<const int64_t>(many)})
    expect_error(ErrorCode::kInvalidArgument, "do not broadcast", [&] { broadcast_to(view_of({1}, {1}), sizes); });
  for (int axis : {-1, 2, 100})
    expect_error(ErrorCode::kInvalidArgument, "outside rank 2", [&] { axis_last(view_of({2, 3}, {3, 1}), axis); });
}

TEST(TensorView, SizesBroadcastToOnesOfBoth) {
  auto sizes_of = [](const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
    Sizes sizes = broadcast_sizes(a, b);
    return std::vector<int64_t>(sizes.begin(), sizes.end());
  };
  using Longs = std::vector<int64_t>;
  EXPECT_EQ(sizes_of({2, 3}, {2, 3}), (Longs{2, 3}));
  EXPECT_EQ(sizes_of({4, 1, 3}, {5, 1}), (Longs{4, 5, 3}));
  EXPECT_EQ(sizes_of({3}, {2, 1}), (Longs{2, 3}));
  EXPECT_EQ(sizes_of({}, {2}), (Longs{2}));
  EXPECT_EQ(sizes_of({}, {}), (Longs{}));
  EXPECT_EQ(sizes_of({0, 1}, {1, 3}), (Longs{0, 3}));
  EXPECT_EQ(sizes_of(Longs(10, 1), Longs(9, 2)), (Longs{1, 2, 2, 2, 2, 2, 2, 2, 2, 2}));  // more axes than a view has
  expect_error(ErrorCode::kInvalidArgument, "sizes [2, 3] and [4] do not broadcast: 3 and 4 of axis 1", [&] {
    sizes_of({2, 3}, {4});
  });
  expect_error(ErrorCode::kInvalidArgument, "do not broadcast: 2 and 0", [&] { sizes_of({2}, {0}); });
}

TEST(TensorView, WhatCannotBeReshapedIsRefusedWithoutAnError) {
  TensorView view = view_of({2, 3}, {3, 1}), none = view_of({0}, {1});
  EXPECT_FALSE(reshaped(view, std::vector<int64_t>{-2, -3}));
  EXPECT_FALSE(reshaped(view, std::vector<int64_t>{kMost, 2}));
  EXPECT_FALSE(reshaped(view, std::vector<int64_t>{6, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_FALSE(reshaped(none, std::vector<int64_t>{-1, 0}));
  EXPECT_TRUE(reshaped(none, std::vector<int64_t>{kMost, kMost, 0}));
  view.sizes = {kMost, kMost};
  view.strides = {kMost, kMost};
  EXPECT_FALSE(reshaped(view, std::vector<int64_t>{2, 3}));
}

TEST(TensorView, TextReadsNothingThatAViewDoesNotHave) {
  TensorView view = view_of({2, 3}, {3, 1});
  view.rank = 200;
  view.dtype = static_cast<DType>(77);
  EXPECT_EQ(to_string(view), "unknown[2, 3, 0, 0, 0, 0, 0, 0]{3, 1, 0, 0, 0, 0, 0, 0} @1+0");
}

TEST(TensorView, ReshapedKeepsTheOrderOfElements) {
  struct Case {
    TensorView view;
    std::vector<int64_t> sizes;
    bool possible;
  };
  for (const Case& c : std::vector<Case>{{view_of({4, 6}, {6, 1}), {24}, true},
                                         {view_of({4, 6}, {6, 1}), {2, 2, 3, 2}, true},
                                         {view_of({4, 6}, {1, 4}), {24}, false},
                                         {view_of({4, 6}, {1, 4}), {2, 2, 6}, true},
                                         {view_of({2, 3, 4}, {0, 0, 1}), {6, 4}, true},
                                         {view_of({2, 3, 4}, {0, 4, 1}), {6, 4}, false},
                                         {view_of({1, 4, 1}, {9, 2, 7}), {4}, true},
                                         {view_of({}, {}), {1, 1}, true},
                                         {view_of({0, 3}, {3, 1}), {0}, true},
                                         {view_of({4}, {1}), {5}, false}}) {
    auto moved = reshaped(c.view, c.sizes);
    ASSERT_EQ(moved.has_value(), c.possible) << to_string(c.view) << shape_text(c.sizes);
    if (moved) {
      EXPECT_EQ(addresses(*moved), addresses(c.view));
    }
  }
}

TEST(TensorView, AnAxisMovesToTheEndAndTheOthersKeepTheirOrder) {
  TensorView view = contiguous_view(BufferId{1}, DType::kF32, {2, 3, 4});
  TensorView moved = axis_last(view, 0);
  EXPECT_EQ(shape_text(moved.shape()), "[3, 4, 2]");
  EXPECT_EQ(std::vector<int64_t>(moved.strides.begin(), moved.strides.begin() + 3), (std::vector<int64_t>{4, 1, 12}));
  EXPECT_EQ(axis_last(view, 2), view);
  TensorView scalar = contiguous_view(BufferId{1}, DType::kF32, {});
  EXPECT_EQ(axis_last(scalar, 0), scalar);
  EXPECT_EQ(axis_last(scalar, -5), scalar);  // as any axis
}

TEST(TensorView, AScalarIsAVectorOfOneElement) {
  TensorView scalar = contiguous_view(BufferId{1}, DType::kI64, {}, 24);
  EXPECT_EQ(at_least_1d(scalar), contiguous_view(BufferId{1}, DType::kI64, {1}, 24));
  TensorView matrix = contiguous_view(BufferId{1}, DType::kF32, {2, 3});
  EXPECT_EQ(at_least_1d(matrix), matrix);
  EXPECT_EQ(at_least_1d({}), TensorView{});
}

TEST(TensorView, OutputsThatOverlapThemselvesAreRejected) {
  EXPECT_NO_THROW(validate_output_view(view_of({4, 6}, {1, 4})));
  EXPECT_THROW(validate_output_view(view_of({4, 6}, {0, 1})), Error);
  EXPECT_THROW(validate_output_view(view_of({4, 6}, {3, 1})), Error);
  EXPECT_THROW(validate_output_view(view_of({4}, {-1}, 12)), Error);
}

TEST(TensorView, OutputsWhoseAxesInterleaveAreLookedAtIndexByIndex) {
  EXPECT_NO_THROW(validate_output_view(view_of({3, 3}, {5, 6})));
  EXPECT_NO_THROW(validate_output_view(view_of({4, 4}, {8, 3})));
  EXPECT_THROW(validate_output_view(view_of({7, 6}, {5, 6})), Error);
  EXPECT_THROW(validate_output_view(view_of({3, 3}, {2, 4})), Error);
  EXPECT_THROW(validate_output_view(view_of({2, 3, 3}, {-40, 5, 6})), Error);
}

TEST(Half, EveryValueSurvivesARoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    float wide = to_float(Half{static_cast<uint16_t>(bits)});
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(to_float(to_half(wide))));
    } else {
      EXPECT_EQ(to_half(wide).bits, bits);
    }
    float brain = to_float(BFloat16{static_cast<uint16_t>(bits)});
    if (!std::isnan(brain)) {
      EXPECT_EQ(to_bfloat16(brain).bits, bits);
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(to_half(2049.0f).bits, to_half(2048.0f).bits);
  EXPECT_EQ(to_half(2051.0f).bits, to_half(2052.0f).bits);
  EXPECT_EQ(to_half(65519.0f).bits, 0x7bff);
  EXPECT_EQ(to_half(65520.0f).bits, 0x7c00);
  EXPECT_EQ(to_half(0x1p-25f).bits, 0);
  EXPECT_EQ(to_half(0x1.8p-25f).bits, 1);
  EXPECT_EQ(to_half(-0.0f).bits, 0x8000);
  EXPECT_EQ(to_bfloat16(0x1.01p0f).bits, to_bfloat16(1.0f).bits);
}

}  // namespace
}  // namespace lineshaft
