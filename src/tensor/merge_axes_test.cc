#include "tensor/merge_axes.h"

#include <gtest/gtest.h>

#include <vector>

namespace lineshaft {
namespace {

struct Space {
  std::vector<int64_t> sizes;
  std::vector<std::vector<int64_t>> strides;  // by operand

  void merge() {
    int rank = merge_axes(
        static_cast<int>(sizes.size()), static_cast<int>(strides.size()),
        [&](int axis) -> int64_t& { return sizes[axis]; },
        [&](int operand, int axis) -> int64_t& { return strides[operand][axis]; });
    sizes.resize(rank);
    for (auto& each : strides) each.resize(rank);
  }
};

TEST(MergeAxes, AxesThatEveryOperandStepsOverEvenlyAreOne) {
  Space space{{2, 3, 4}, {{12, 4, 1}, {0, 0, 0}}};
  space.merge();
  EXPECT_EQ(space.sizes, (std::vector<int64_t>{24}));
  EXPECT_EQ(space.strides, (std::vector<std::vector<int64_t>>{{1}, {0}}));
}

TEST(MergeAxes, OneOperandThatDoesNotKeepsThemApart) {
  Space space{{2, 3, 4}, {{12, 4, 1}, {4, 0, 1}}};
  space.merge();
  EXPECT_EQ(space.sizes, (std::vector<int64_t>{2, 3, 4}));
}

TEST(MergeAxes, AxesOfSizeOneAreDroppedWhateverTheirStride) {
  Space space{{1, 2, 1, 3, 1}, {{7, 3, 99, 1, -5}}};
  space.merge();
  EXPECT_EQ(space.sizes, (std::vector<int64_t>{6}));
  EXPECT_EQ(space.strides[0], (std::vector<int64_t>{1}));
  Space nothing{{1, 1}, {{5, 5}}};
  nothing.merge();
  EXPECT_TRUE(nothing.sizes.empty());
}

TEST(MergeAxes, NegativeStridesMergeAsOthersDo) {
  Space space{{2, 3}, {{-3, -1}}};
  space.merge();
  EXPECT_EQ(space.sizes, (std::vector<int64_t>{6}));
  EXPECT_EQ(space.strides[0], (std::vector<int64_t>{-1}));
}

}  // namespace
}  // namespace lineshaft
