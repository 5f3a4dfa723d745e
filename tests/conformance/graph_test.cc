// What a graph computes against what the same commands compute at once, bit for bit.

#include "conformance/script.h"

namespace lineshaft::conformance {
namespace {

TEST_P(Conformance, AGraphComputesTheSameBits) {
  StreamOptions options = StreamOptions::from_environment();
  options.validate = true;
  auto captured = open_device(GetParam(), options), eager = open_device(GetParam(), options);
  Stream& stream = captured->stream();
  for (int round = 0; round < 40 * rounds_factor(); ++round) {
    uint64_t seed = first_seed() + static_cast<uint64_t>(round);
    std::shared_ptr<Graph> graph;
    try {
      Script a(stream, seed), b(eager->stream(), seed);
      stream.begin_capture();
      for (int i = 0; i < 60; ++i) {
        a.step();
        b.step();
      }
      graph = stream.end_capture();
      stream.replay(graph);
      auto x = a.results(), y = b.results();
      ASSERT_EQ(x.size(), y.size());
      for (size_t i = 0; i < x.size(); ++i)
        ASSERT_EQ(x[i], y[i]) << "tensor " << i << " of LINESHAFT_CONFORMANCE_SEED=" << seed;
    } catch (const Error& error) {
      FAIL() << error.what() << ", LINESHAFT_CONFORMANCE_SEED=" << seed;
    }
    stream.forget(graph);
  }
  stream.wait();
  EXPECT_EQ(stream.statistics().allocated, 0);
  EXPECT_EQ(stream.statistics().allocations, 0);
}

// x = x * factor + noise, with a temporary in between.
TEST_P(Conformance, AGraphRunsAgainWithOtherParameters) {
  auto device = open_device(GetParam(), StreamOptions::from_environment());
  Stream& stream = device->stream();
  constexpr uint64_t kFactor = 0x6c73'0000'0000'0001, kOffset = 0x6c74'0000'0000'0000;
  ProgramBuilder scaling, drawing;
  Expr x = scaling.input(DType::kF32), factor = scaling.arg(DType::kF32);
  scaling.output(x * factor, DType::kF32);
  ProgramRef scale = scaling.finish();
  Expr y = drawing.input(DType::kF32), offset = drawing.arg(DType::kI64);
  drawing.output(y + uniform_from_bits(philox(offset, drawing.linear(), 0)), DType::kF32);
  ProgramRef draw = drawing.finish();
  auto record = [&](const TensorView& target, Scalar by, Scalar from) {
    TensorView between = target;
    between.buffer = stream.create(target.numel() * 4);
    stream.record(Map{scale, {&target, 1}, {&between, 1}, {&by, 1}});
    stream.record(Map{draw, {&between, 1}, {&target, 1}, {&from, 1}});
    stream.release(between.buffer);
  };
  std::vector<float> start(1000, 1.5f), got(1000), want(1000);
  TensorView views[2];
  for (TensorView& view : views) {
    view = contiguous_view(stream.create(4000), DType::kF32, {1000});
    stream.write(view.buffer, 0, start.data(), 4000);
  }
  stream.begin_capture();
  record(views[0], {kFactor}, {kOffset + 7});
  auto graph = stream.end_capture({{kFactor, 1}, {kOffset, 1000}});
  for (int run = 0; run < 5; ++run) {
    Scalar by = Scalar::of(0.5 + run);
    const uint64_t values[] = {by.bits, static_cast<uint64_t>(run) * 1000};
    stream.replay(graph, values);
    record(views[1], by, Scalar::of(int64_t{run * 1000 + 7}));
    stream.read(views[0].buffer, 0, got.data(), 4000);
    stream.read(views[1].buffer, 0, want.data(), 4000);
    EXPECT_EQ(got, want) << "run " << run;
  }
  EXPECT_THROW(stream.replay(graph), Error);  // without values
  stream.forget(graph);
  for (const TensorView& view : views) stream.release(view.buffer);
}

}  // namespace
}  // namespace lineshaft::conformance
