#include "lineshaft/frontend/formulas/amp.h"

#include <limits>

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::expect_close;
using test::run;
using test::Tensor;
using test::vector_of;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();

TEST(AmpFormulas, NonFiniteElementsAreFlagged) {
  std::vector<float> x{0, -0.0f, kLargest, -kLargest, 1e-45f, kInfinity, -kInfinity, kNan};
  EXPECT_EQ(test::results<float>(non_finite_program(DType::kF32), {vector_of(x)}),
            (std::vector<float>{0, 0, 0, 0, 0, 1, 1, 1}));
  Tensor halves(DType::kF16, {4}, std::vector<uint16_t>{0x7bff, 0x7c00, 0xfc00, 0x7e00});
  EXPECT_EQ(test::results<float>(non_finite_program(DType::kF16), {halves}), (std::vector<float>{0, 1, 1, 1}));
}

TEST(AmpFormulas, GradientsAreUnscaled) {
  Tensor factor = vector_of<float>({0.25});
  EXPECT_EQ(test::results<float>(unscale_program(DType::kF32), {vector_of<float>({8, -1, kInfinity}), factor}),
            (std::vector<float>{2, -0.25, kInfinity}));
  expect_close(test::results<double>(unscale_program(DType::kF64), {vector_of<double>({1e300, -0.0}), factor}),
               {2.5e299, -0.0});
}

TEST(AmpFormulas, TheScaleFollowsWhatWasFound) {
  struct Case {
    float scale;
    int32_t count;
    float found, next_scale;
    int32_t next_count;
  };
  // Nothing yet; due; due, but the scale would be infinite; found; found when due; NaN counts as nothing found.
  for (const Case& c : {Case{8, 0, 0, 8, 1}, Case{8, 2, 0, 16, 0}, Case{kLargest, 2, 0, kLargest, 0},
                        Case{8, 1, 1, 2, 0}, Case{8, 2, kInfinity, 2, 0}, Case{8, 1, kNan, 8, 2}}) {
    Tensor scale = vector_of<float>({c.scale}), count = vector_of<int32_t>({c.count});
    run(update_scale_program(), {scale, count}, {scale, count, vector_of<float>({c.found})},
        {Scalar::of(2.0), Scalar::of(0.25), Scalar::of(int64_t{3})});
    EXPECT_EQ(scale.values<float>()[0], c.next_scale) << c.scale << ", " << c.count << ", " << c.found;
    EXPECT_EQ(count.values<int32_t>()[0], c.next_count) << c.scale << ", " << c.count << ", " << c.found;
  }
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
