#include "lineshaft/frontend/formulas/embedding.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::expect_close;
using test::kInfinity;
using test::kNan;
using test::results;
using test::Tensor;
using test::vector_of;

TEST(Embedding, ThePaddingRowHasNoGradient) {
  Tensor grad = vector_of<double>({1, kNan, -kInfinity});
  std::vector<Scalar> padding{Scalar::of(int64_t{2})};
  expect_close(results<double>(padded_row_grad_program(DType::kF64, DType::kI64), {grad, vector_of<int64_t>({0, 2, 1})},
                               padding),
               {1, 0, -kInfinity});
  expect_close(results<double>(padded_row_grad_program(DType::kF64, DType::kI32), {grad, vector_of<int32_t>({2, 0, 2})},
                               padding),
               {0, kNan, 0});
}

TEST(Embedding, GradientsOfRowsThatAreUsedOftenAreDivided) {
  Tensor grad = vector_of<double>({6, 5, -4}), counts = vector_of<float>({3, 0, 1});
  expect_close(results<double>(row_frequency_grad_program(DType::kF64), {grad, counts}), {2, 5, -4});
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
