#include "lineshaft/frontend/concatenation.h"

#include <gtest/gtest.h>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;
using Longs = std::vector<int64_t>;

Longs joined(const std::vector<Longs>& parts, int axis) {
  std::vector<std::span<const int64_t>> spans(parts.begin(), parts.end());
  Sizes sizes = joined_sizes(spans, axis);
  return {sizes.begin(), sizes.end()};
}

TEST(FrontendConcatenation, SizesAddUpAlongTheAxis) {
  EXPECT_EQ(joined({{2, 3}, {4, 3}, {0, 3}}, 0), (Longs{6, 3}));
  EXPECT_EQ(joined({{2, 3}, {2, 1}}, 1), (Longs{2, 4}));
  EXPECT_EQ(joined({{5}}, 0), (Longs{5}));
  EXPECT_EQ(joined({Longs(10, 1), Longs(10, 1)}, 9), (Longs{1, 1, 1, 1, 1, 1, 1, 1, 1, 2}));
}

TEST(FrontendConcatenation, SizesThatDoNotGoTogetherAreRefused) {
  expect_error(ErrorCode::kInvalidArgument, "sizes [2, 3] and [2, 4] are joined along axis 0", [] {
    joined({{2, 3}, {2, 4}}, 0);
  });
  expect_error(ErrorCode::kInvalidArgument, "sizes [2, 3] and [2] are joined", [] { joined({{2, 3}, {2}}, 0); });
  expect_error(ErrorCode::kInvalidArgument, "their axes are 0 to 1", [] { joined({{2, 3}}, 2); });
  expect_error(ErrorCode::kInvalidArgument, "one at least", [] { joined({}, 0); });
  Tensor part(DType::kF32, {2, 2}), out(DType::kF32, {3, 2});
  const TensorRef parts[] = {part, part};
  expect_error(ErrorCode::kInvalidArgument, "4 elements on axis 0",
               [&] { record_concatenation(stream(0), parts, 0, out); });
}

TEST(FrontendConcatenation, PartsLieOneAfterTheOther) {
  Tensor a(DType::kF32, {2, 1}, std::vector<float>{1, 2}), b(DType::kI64, {2, 2}, Longs{3, 4, 5, 6});
  Tensor none(DType::kF32, {2, 0}), out(DType::kF32, {2, 3});
  const TensorRef columns[] = {a, none, b};
  record_concatenation(stream(0), columns, 1, out);
  EXPECT_EQ(out.values<float>(), (std::vector<float>{1, 3, 4, 2, 5, 6}));
  const TensorRef rows[] = {b, b};
  Tensor tall(DType::kF32, {4, 2});
  record_concatenation(stream(0), rows, 0, tall);
  EXPECT_EQ(tall.values<float>(), (std::vector<float>{3, 4, 5, 6, 3, 4, 5, 6}));
}

}  // namespace
}  // namespace lineshaft::frontend
