#include "lineshaft/frontend/padding.h"

#include <gtest/gtest.h>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;
using Longs = std::vector<int64_t>;
using formulas::PadMode;

Longs pad_positions(PadMode mode, int64_t before, int64_t source_size, int64_t size) {
  Tensor positions(DType::kI64, {size});
  record_pad_positions(stream(0), mode, before, source_size, positions);
  return positions.values<int64_t>();
}

TEST(FrontendPadding, PositionsAreMirroredOrRepeated) {
  EXPECT_EQ(pad_positions(PadMode::kReflect, 2, 4, 7), (Longs{2, 1, 0, 1, 2, 3, 2}));
  EXPECT_EQ(pad_positions(PadMode::kReplicate, 2, 4, 7), (Longs{0, 0, 0, 1, 2, 3, 3}));
}

TEST(FrontendPadding, ElementsInFrontCanBeLeftOut) {
  EXPECT_EQ(pad_positions(PadMode::kReplicate, -1, 3, 3), (Longs{1, 2, 2}));
}

}  // namespace
}  // namespace lineshaft::frontend
