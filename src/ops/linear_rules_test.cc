#include <gtest/gtest.h>

#include "lineshaft/ops/catalogue.h"
#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::resize;
using examples::view;

TEST(CholeskyRules, TakesSquareMatrices) {
  expect_rejections<Cholesky>(
      examples::cholesky(),
      {{"input has 2 rows and 3 columns; it takes square matrices", [](Cholesky& o) { resize(o.input, 1, 2); }},
       {"input is f16; it takes f32 or f64", [](Cholesky& o) { o.input.dtype = DType::kF16; }},
       {"it takes rank 3",
        [](Cholesky& o) {
          o.input = view(1, DType::kF32, {3, 3});
        }},
       {"output has sizes [2, 3, 2]", [](Cholesky& o) { resize(o.output, 2, 2); }},
       {"output is f64; it takes f32",
        [](Cholesky& o) {
          o.output = view(2, DType::kF64, {2, 3, 3});
        }},
       {"info has sizes [3]; it takes [2]", [](Cholesky& o) { o.info = view(3, DType::kI32, {3}); }},
       {"info is i64; it takes i32", [](Cholesky& o) { o.info = view(3, DType::kI64, {2}); }},
       {"must be disjoint", [](Cholesky& o) { o.output = o.input; }}});
}

TEST(TriangularSolveRules, MatricesFit) {
  expect_rejections<TriangularSolve>(
      examples::triangular_solve(),
      {{"a has 3 rows and 2 columns", [](TriangularSolve& o) { resize(o.a, 2, 2); }},
       {"b has sizes [2, 2, 4]; with a of [2, 3, 3] it takes [2, 3, K]", [](TriangularSolve& o) { resize(o.b, 1, 2); }},
       {"b has sizes [1, 3, 4]", [](TriangularSolve& o) { resize(o.b, 0, 1); }},
       {"b is f64; it takes f32",
        [](TriangularSolve& o) {
          o.b = view(2, DType::kF64, {2, 3, 4});
        }},
       {"output has sizes [2, 3, 5]", [](TriangularSolve& o) { resize(o.output, 2, 5); }},
       {"must be disjoint", [](TriangularSolve& o) {
          o.b = view(1, DType::kF32, {2, 3, 3});
          o.output = view(1, DType::kF32, {2, 3, 3});
          o.a = o.output;
        }}});
  TriangularSolve in_place = examples::triangular_solve();
  in_place.output = in_place.b;
  EXPECT_NO_THROW(validate(in_place));
}

TEST(LuRules, PivotsAreAsManyAsTheShorterSide) {
  expect_rejections<Lu>(examples::lu(),
                        {{"pivots has sizes [2, 4]; it takes [2, 3]", [](Lu& o) { resize(o.pivots, 1, 4); }},
                         {"pivots is i64; it takes i32",
                          [](Lu& o) {
                            o.pivots = view(3, DType::kI64, {2, 3});
                          }},
                         {"info has sizes [1]", [](Lu& o) { resize(o.info, 0, 1); }},
                         {"input is i32", [](Lu& o) { o.input.dtype = DType::kI32; }},
                         {"output has sizes [2, 3, 3]", [](Lu& o) { resize(o.output, 1, 3); }}});
}

TEST(UnpackPivotsRules, NoMorePivotsThanRows) {
  expect_rejections<UnpackPivots>(
      examples::unpack_pivots(),
      {{"no more pivots than rows", [](UnpackPivots& o) { resize(o.rows, 1, 2); }},
       {"as many matrices", [](UnpackPivots& o) { resize(o.rows, 0, 1); }},
       {"rows is i32; it takes i64",
        [](UnpackPivots& o) {
          o.rows = view(2, DType::kI32, {2, 4});
        }},
       {"pivots is i64; it takes i32",
        [](UnpackPivots& o) {
          o.pivots = view(1, DType::kI64, {2, 3});
        }},
       {"pivots has rank 1", [](UnpackPivots& o) { o.pivots = view(1, DType::kI32, {3}); }}});
}

TEST(QrRules, TauIsAsLongAsTheShorterSide) {
  expect_rejections<Qr>(examples::qr(), {{"tau has sizes [2, 4]; it takes [2, 3]", [](Qr& o) { resize(o.tau, 1, 4); }},
                                         {"tau is f64; it takes f32",
                                          [](Qr& o) {
                                            o.tau = view(3, DType::kF64, {2, 3});
                                          }},
                                         {"output has sizes [2, 4, 4]", [](Qr& o) { resize(o.output, 2, 4); }}});
}

TEST(ApplyReflectorsRules, MatricesFit) {
  expect_rejections<ApplyReflectors>(
      examples::apply_reflectors(),
      {{"reflectors has 5 columns and 4 rows", [](ApplyReflectors& o) { resize(o.reflectors, 2, 5); }},
       {"tau has sizes [2, 2]; it takes [2, 3]", [](ApplyReflectors& o) { resize(o.tau, 1, 2); }},
       {"input has sizes [2, 3, 5]; with reflectors of [2, 4, 3] it takes [2, 4, N]",
        [](ApplyReflectors& o) { resize(o.input, 1, 3); }},
       {"output has sizes [2, 4, 4]", [](ApplyReflectors& o) { resize(o.output, 2, 4); }}});
  ApplyReflectors in_place = examples::apply_reflectors();
  in_place.output = in_place.input;
  EXPECT_NO_THROW(validate(in_place));
}

TEST(SampleRules, OnlyBinomialSamplesTakeAProbability) {
  auto binomial = [] {
    Sample op = examples::sample();
    op.kind = SampleKind::kBinomial;
    op.probability = view(3, DType::kF32, {6});
    return op;
  };
  expect_rejections<Sample>(
      binomial(), {{"probability is missing", [](Sample& o) { o.probability = {}; }},
                   {"only binomial samples take one", [](Sample& o) { o.kind = SampleKind::kGamma; }},
                   {"probability has sizes [5]", [](Sample& o) { resize(o.probability, 0, 5); }},
                   {"probability is f64; it takes f32", [](Sample& o) { o.probability = view(3, DType::kF64, {6}); }}});
}

}  // namespace
}  // namespace lineshaft
