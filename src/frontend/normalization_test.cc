#include "lineshaft/frontend/normalization.h"

#include <gtest/gtest.h>

#include <vector>

namespace lineshaft::frontend {
namespace {

using Longs = std::vector<int64_t>;

TensorView dense(std::initializer_list<int64_t> sizes) {
  return contiguous_view(BufferId::make(1, 1), DType::kF32, sizes, 16);
}

void expect_view(const TensorView& view, const Longs& sizes, const Longs& strides) {
  EXPECT_EQ(Longs(view.sizes.begin(), view.sizes.begin() + view.rank), sizes);
  EXPECT_EQ(Longs(view.strides.begin(), view.strides.begin() + view.rank), strides);
  EXPECT_EQ(view.offset, 16);
}

TEST(NormalizedRows, TheLastAxesAreOne) {
  const int64_t sizes[] = {2, 3, 4, 5};
  NormalizedRows rows(sizes, 2);
  expect_view(rows.view(dense({2, 3, 4, 5})), {6, 20}, {20, 1});
  expect_view(rows.parameter(dense({4, 5})), {6, 20}, {0, 1});
  expect_view(rows.statistic(dense({2, 3, 1, 1})), {6, 1}, {1, 1});
  expect_view(rows.summed(dense({4, 5})), {1, 20}, {20, 1});
  EXPECT_FALSE(rows.parameter({}));
  NormalizedRows all(sizes, 4);
  EXPECT_EQ(all.count, 1);
  EXPECT_EQ(all.length, 120);
}

TEST(NormalizedGroups, ChannelsAreSplit) {
  NormalizedGroups groups{.images = 2, .channels = 6, .positions = 20, .groups = 3};
  TensorView input = groups.view(dense({2, 6, 4, 5}));
  expect_view(input, {2, 3, 2, 20}, {120, 40, 20, 1});
  EXPECT_TRUE(input.is_contiguous());
  expect_view(groups.parameter(dense({6})), {2, 3, 2, 20}, {0, 2, 1, 0});
  expect_view(groups.statistic(dense({2, 3})), {2, 3, 1, 1}, {3, 1, 1, 1});
  expect_view(groups.summed(dense({6})), {1, 3, 2, 1}, {6, 2, 1, 1});
  EXPECT_FALSE(groups.view({}));
}

TEST(NormalizedChannels, AllAxesButOneAreNormalized) {
  TensorView input = dense({2, 3, 4});
  NormalizedChannels channels{.input = input};
  EXPECT_EQ(channels.axes(), 0b101);
  expect_view(channels.parameter(dense({3})), {2, 3, 4}, {0, 1, 0});
  expect_view(channels.statistic(dense({3})), {1, 3, 1}, {1, 1, 1});
  expect_view(channels.summed(dense({3})), {1, 3, 1}, {1, 1, 1});
  EXPECT_FALSE(channels.parameter({}));
  EXPECT_FALSE(channels.summed({}));
  NormalizedChannels last{.input = input, .axis = 2};
  EXPECT_EQ(last.axes(), 0b011);
  expect_view(last.parameter(dense({4})), {2, 3, 4}, {0, 0, 1});
  expect_view(last.statistic(dense({4})), {1, 1, 4}, {1, 1, 1});
}

}  // namespace
}  // namespace lineshaft::frontend
