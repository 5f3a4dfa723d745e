// Sizes at which groups and words matter, on a Vulkan device against the CPU.
#include "lineshaft/ops/search_sorted.h"

#include <gtest/gtest.h>

#include "backends/vulkan/device/operations_pair.h"

namespace lineshaft::vulkan {
namespace {

class VulkanSearch : public testing::Test {
 protected:
  void SetUp() override {
    pair_ = Pair::open();
    if (!pair_) GTEST_SKIP() << "there is no Vulkan device";
  }
  // Among `size` elements in no order from element `from` of a row on: only the same steps give the same places.
  void expect_same_places(DType type, int64_t from, int64_t size, int64_t count, DType counts) {
    TensorView first = pair_->make(type, {from + size}), output = pair_->make(counts, {count});
    first.offset = from * size_of(type);
    first.sizes[0] = count;
    first.strides[0] = 0;
    const int64_t strides[] = {1}, bounds[] = {size};
    for (bool right : {false, true})
      pair_->expect_same(SearchSorted{first, strides, bounds, right, pair_->make(type, {count}), output}, {output}, 0);
  }

  std::unique_ptr<Pair> pair_;
};

// f64 too where the device does not compute in it: keys are words.
TEST_F(VulkanSearch, TakesTheCpusSteps) {
  for (int type = 0; type < kDTypeCount; ++type)
    for (int64_t size : {1, 2, 3, 1000, 4097})
      for (int64_t from : {0, 1, 3, 7})
        expect_same_places(static_cast<DType>(type), from, size, 700, from % 2 ? DType::kI32 : DType::kI64);
}

TEST_F(VulkanSearch, MoreValuesThan65535Groups) {
  expect_same_places(DType::kI8, 1, 5, 64 * 65'536 + 3, DType::kI32);
}

}  // namespace
}  // namespace lineshaft::vulkan
