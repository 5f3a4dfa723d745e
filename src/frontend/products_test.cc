#include "lineshaft/frontend/products.h"

#include <gtest/gtest.h>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;
using Floats = std::vector<float>;

TensorView matrix(const Tensor& tensor) {
  return view_of(tensor.ref());
}

const Floats kA{1, 2, 3, 4}, kB{5, 6, 7, 8}, kC{1, 1, 2, 2};

TEST(FrontendProducts, TermsAreAddedAndScaled) {
  Tensor a(DType::kF32, {2, 2}, kA), b(DType::kF32, {2, 2}, kB), c(DType::kF32, {2, 2}, kC), out(DType::kF32, {2, 2});
  TensorView addend = matrix(c);
  auto product = [&](const ProductTerms& terms) {
    record_product(stream(0), matrix(a), matrix(b), matrix(out), terms);
    return out.values<float>();
  };
  Scalar two = Scalar::of(2.0), ten = Scalar::of(10.0);
  EXPECT_EQ(product({}), (Floats{19, 22, 43, 50}));
  EXPECT_EQ(product({.addend = &addend}), (Floats{20, 23, 45, 52}));
  EXPECT_EQ(product({.scaled = true, .alpha = two}), (Floats{38, 44, 86, 100}));
  EXPECT_EQ(product({.addend = &addend, .scaled = true, .alpha = two, .beta = ten}), (Floats{48, 54, 106, 120}));
}

// Added one after the other, the ones would be lost beside the first product.
TEST(FrontendProducts, LongDotsKeepTheirDigits) {
  constexpr int64_t kLength = 4097;
  Floats ones(kLength, 1);
  ones[0] = 0x1p24f;
  Tensor a(DType::kF32, {1, kLength}, ones), b(DType::kF32, {kLength, 1}, Floats(kLength, 1)), out(DType::kF32, {1, 1});
  record_product(stream(0), matrix(a), matrix(b), matrix(out), {});
  EXPECT_GT(out.values<float>()[0], 0x1p24f + 2048);
}

}  // namespace
}  // namespace lineshaft::frontend
