#include "lineshaft/frontend/formulas/lists.h"

#include "frontend/run_program.h"
#include "lineshaft/frontend/formulas/arithmetic.h"

namespace lineshaft::frontend::formulas {
namespace {

using Floats = std::vector<float>;
constexpr DType kFloat = DType::kF32;

TEST(ListFormulas, InputsComeBeforeArguments) {
  test::Tensor x = test::vector_of<float>({1, 2}), y = test::vector_of<float>({3, 5}),
               z = test::vector_of<float>({4, 8});
  EXPECT_EQ(test::results<float>(list_program<&add, 2>(kFloat), {x, y}), (Floats{4, 7}));
  EXPECT_EQ(test::results<float>(list_program<&mul, 1, 1>(kFloat), {x}, {Scalar::of(2.5)}), (Floats{2.5, 5}));
  EXPECT_EQ(test::results<float>(list_program<&addcmul, 3, 1>(kFloat), {x, y, z}, {Scalar::of(0.5)}), (Floats{7, 22}));
  ProgramRef half = list_program<&mul, 1, 1>(DType::kF16);
  EXPECT_EQ(half->inputs, std::vector<DType>{DType::kF16});
  EXPECT_EQ(half->args, std::vector<DType>{kFloat});
}

TEST(ListFormulas, AFactorIsTheSecondOnes) {
  test::Tensor x = test::vector_of<float>({1, 2}), y = test::vector_of<float>({3, 5});
  EXPECT_EQ(test::results<float>(list_program<&with_factor<&add>, 2, 1>(kFloat), {x, y}, {Scalar::of(2.0)}),
            (Floats{7, 12}));
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
