#include "lineshaft/frontend/graph.h"

#include <gtest/gtest.h>

#include "frontend/tensor.h"
#include "lineshaft/frontend/map.h"
#include "lineshaft/program/expression.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;

GeneratorRef make_generator(int64_t seed) {
  return std::make_shared<Generator>(0, Draw{seed, 0});
}

// The random words that an operator draws.
void fill(const Tensor& out, const GeneratorRef& generator) {
  ProgramBuilder p;
  Expr seed = p.arg(DType::kI64), counter = p.arg(DType::kI64) + p.linear();
  p.output(philox(seed, counter, 0), DType::kI32);
  Draw draw = reserve(generator, out.ref().numel());
  Scalar args[] = {Scalar::of(draw.seed), Scalar::of(draw.offset)};
  record_map(stream(0), p.finish(), std::vector<TensorRef>{out}, {}, args);
}

TEST(FrontendGraph, AGraphThatCapturesDoesNotBeginAgain) {
  CapturedGraph graph;
  graph.begin(0);
  expect_error(ErrorCode::kInvalidArgument, "this graph captures already", [&] { graph.begin(0); });
  EXPECT_TRUE(graph.is_capturing());
  graph.end();
  EXPECT_TRUE(graph.is_captured());
}

TEST(FrontendGraph, AGeneratorIsAskedForSomeNumbers) {
  GeneratorRef generator = make_generator(7);
  expect_error(ErrorCode::kInvalidArgument, "-1 random numbers are asked for", [&] { reserve(generator, -1); });
  EXPECT_EQ(generator->state(), (Draw{7, 0}));
}

TEST(FrontendGraph, ReplaysDrawWhatRunsWithoutAGraphWould) {
  GeneratorRef plain = make_generator(7), captured = make_generator(7);
  Tensor a(DType::kI32, {5}), b(DType::kI32, {3});
  CapturedGraph graph;
  graph.begin(0);
  fill(a, captured);
  fill(b, captured);
  graph.end();
  EXPECT_EQ(captured->state(), (Draw{7, 0}));
  for (int run = 0; run < 3; ++run) {
    Tensor c(DType::kI32, {5}), d(DType::kI32, {3});
    fill(c, plain);
    fill(d, plain);
    graph.replay();
    EXPECT_EQ(a.values<int32_t>(), c.values<int32_t>()) << run;
    EXPECT_EQ(b.values<int32_t>(), d.values<int32_t>()) << run;
    EXPECT_EQ(captured->state(), plain->state());
  }
  set_seed(captured, 9);
  set_seed(plain, 9);
  Tensor c(DType::kI32, {5});
  fill(c, plain);
  graph.replay();
  EXPECT_EQ(a.values<int32_t>(), c.values<int32_t>());
}

TEST(FrontendGraph, AStateThatIsTakenInACaptureIsPutInAgainThere) {
  GeneratorRef generator = make_generator(3);
  Tensor a(DType::kI32, {4}), b(DType::kI32, {4});
  CapturedGraph graph;
  graph.begin(0);
  Draw before = state_of(generator);
  fill(a, generator);
  set_state(generator, before);
  fill(b, generator);
  expect_error("only states that were taken in the same capture", [&] { set_state(generator, {3, 0}); });
  expect_error("is not seeded while a graph is captured", [&] { set_seed(generator, 3); });
  graph.end();
  expect_error("means nothing outside of it", [&] { set_state(generator, before); });
  graph.replay();
  EXPECT_EQ(a.values<int32_t>(), b.values<int32_t>());
  EXPECT_EQ(generator->state(), (Draw{3, 4}));
}

TEST(FrontendGraph, ANumberOfAProgramIsNoPlaceholder) {
  Tensor out(DType::kI64, {1});
  ProgramBuilder p;
  p.output(p.arg(DType::kI64), DType::kI64);
  ProgramRef program = p.finish();
  constexpr int64_t kNumbers[] = {0, -1, INT64_MAX, 0x6c73'6565'6400'0000, 0x6c74'0000'0000'0000};
  for (int64_t number : kNumbers) {
    CapturedGraph graph;
    graph.begin(0);
    Tensor drawn(DType::kI32, {4});
    fill(drawn, make_generator(1));
    Scalar args[] = {Scalar::of(number)};
    record_map(stream(0), program, std::vector<TensorRef>{out}, {}, args);
    graph.end();
    graph.replay();
    EXPECT_EQ(out.values<int64_t>()[0], number);
  }
}

TEST(FrontendGraph, CallsOutOfOrderSayWhatComesFirst) {
  CapturedGraph graph;
  expect_error("call capture_begin() first", [&] { graph.end(); });
  expect_error("holds no capture", [&] { graph.replay(); });
  graph.begin(0);
  EXPECT_TRUE(is_capturing());
  EXPECT_TRUE(is_captured(0));
  EXPECT_FALSE(is_captured_elsewhere(0));
  graph.reset();  // gives the capture up
  EXPECT_FALSE(is_capturing());
  stream(0).wait();
}

}  // namespace
}  // namespace lineshaft::frontend
