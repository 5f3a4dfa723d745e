#include "lineshaft/commands/graph.h"

#include <gtest/gtest.h>

#include "commands/codec.h"
#include "commands/validate.h"
#include "lineshaft/device/registry.h"
#include "lineshaft/program/expression.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

ProgramRef plus_one() {
  ProgramBuilder p;
  p.output(p.input(DType::kF32) + 1.0, DType::kF32);
  return p.finish();
}

class Graphs : public testing::Test {
 protected:
  std::unique_ptr<OpenDevice> device_ = open_device("cpu:0", StreamOptions{});
  Stream& stream_ = device_->stream();

  TensorView uploaded(float value) {
    TensorView view = contiguous_view(stream_.create(40), DType::kF32, {10});
    std::vector<float> values(10, value);
    stream_.write(view.buffer, 0, values.data(), 40);
    return view;
  }
  void increment(const TensorView& from, const TensorView& to) {
    stream_.record(Map{plus_one(), {&from, 1}, {&to, 1}, {}});
  }
  float first(const TensorView& view) {
    float value;
    stream_.read(view.buffer, 0, &value, 4);
    return value;
  }
};

TEST_F(Graphs, NothingRunsWhileCaptured) {
  TensorView x = uploaded(1);
  stream_.begin_capture();
  increment(x, x);
  auto graph = stream_.end_capture();
  EXPECT_EQ(first(x), 1);
  stream_.replay(graph);
  stream_.replay(graph);
  EXPECT_EQ(first(x), 3);
  stream_.forget(graph);
}

TEST_F(Graphs, ABufferThatBeganInsideIsThereAfterwards) {
  TensorView x = uploaded(1);
  stream_.begin_capture();
  TensorView y = contiguous_view(stream_.create(40), DType::kF32, {10});
  increment(x, y);
  auto graph = stream_.end_capture();
  stream_.replay(graph);
  EXPECT_EQ(first(y), 2);
  stream_.forget(graph);
  EXPECT_EQ(first(y), 2);
}

TEST_F(Graphs, ABufferLivesAsLongAsAGraphThatNamesIt) {
  TensorView x = uploaded(1), y = uploaded(0);
  int64_t live = stream_.statistics().allocations;
  stream_.begin_capture();
  increment(x, y);
  stream_.release(x.buffer);
  auto one = stream_.end_capture();
  stream_.begin_capture();
  increment(y, y);
  auto two = stream_.end_capture();
  stream_.release(y.buffer);
  stream_.release(y.buffer);  // once more does nothing
  TensorView other = uploaded(100);
  stream_.replay(one);
  stream_.replay(two);
  EXPECT_EQ(first(y), 3);
  EXPECT_EQ(first(other), 100);
  stream_.forget(two);
  EXPECT_EQ(stream_.statistics().allocations, live + 1);
  stream_.forget(one);
  EXPECT_EQ(stream_.statistics().allocations, live - 1);
}

TEST_F(Graphs, TemporariesTakeAsMuchAsLivesAtOnce) {
  TensorView x = uploaded(0);
  int64_t before = stream_.statistics().allocated;
  stream_.begin_capture();
  TensorView last = x;
  for (int i = 0; i < 6; ++i) {  // sums of each, so that they are stored
    TensorView next = contiguous_view(stream_.create(40), DType::kF32, {10});
    const int64_t one[] = {1};
    TensorView total = contiguous_view(stream_.create(4), DType::kF32, one);
    stream_.record(Reduce{.kind = ReduceKind::kSum, .axes = 1, .inputs = {&last, 1}, .output = total});
    const int64_t sizes[] = {10};
    increment(broadcast_to(total, sizes), next);
    stream_.release(total.buffer);
    if (last.buffer != x.buffer) stream_.release(last.buffer);
    last = next;
  }
  increment(last, x);
  stream_.release(last.buffer);
  auto graph = stream_.end_capture();
  EXPECT_LE(stream_.statistics().allocated - before, 3 * 256);
  stream_.replay(graph);
  float expected = 0;
  for (int i = 0; i < 6; ++i) expected = expected * 10 + 1;
  EXPECT_EQ(first(x), expected + 1);
  stream_.forget(graph);
  EXPECT_EQ(stream_.statistics().allocated, before);
}

TEST_F(Graphs, DataFromTheHostIsKept) {
  TensorView x = uploaded(1);
  stream_.begin_capture();
  std::vector<float> values(50'000, 5.0f);
  TensorView y = contiguous_view(stream_.create(200'000), DType::kF32, {50'000});
  stream_.write(y.buffer, 0, values.data(), 200'000);
  stream_.write(x.buffer, 0, values.data(), 40);
  values.assign(50'000, 0.0f);
  auto graph = stream_.end_capture();
  stream_.replay(graph);
  EXPECT_EQ(first(x), 5);
  EXPECT_EQ(first(y), 5);
  stream_.forget(graph);
}

TEST_F(Graphs, MoreThanAServerTakesIsRefused) {
  constexpr int64_t kSize = 20 << 20;
  int64_t live = stream_.statistics().allocations;
  std::vector<std::byte> bytes(kSize);
  BufferId buffer = stream_.create(kSize);
  stream_.begin_capture();
  stream_.write(buffer, 0, bytes.data(), kSize);
  expect_error("bytes of operations and data; the limit is 16777216", [&] { stream_.end_capture(); });
  EXPECT_FALSE(stream_.capturing());
  stream_.release(buffer);
  EXPECT_EQ(stream_.statistics().allocations, live);
}

TEST_F(Graphs, WhatNeedsAResultSaysSo) {
  TensorView x = uploaded(1);
  expect_error("no graph is being captured on cpu:0", [&] { stream_.end_capture(); });
  stream_.begin_capture();
  expect_error("a graph is being captured on cpu:0 already", [&] { stream_.begin_capture(); });
  expect_error("a value cannot be read while a graph is captured", [&] { first(x); });
  expect_error("the device cannot be waited for", [&] { stream_.wait(); });
  expect_error("an event cannot be recorded", [&] { stream_.record_event(); });
  increment(x, x);
  auto graph = stream_.end_capture();
  stream_.begin_capture();
  expect_error("a graph cannot run while a graph is captured", [&] { stream_.replay(graph); });
  stream_.forget(stream_.end_capture());
  stream_.replay(graph);
  EXPECT_EQ(first(x), 2);
  stream_.forget(graph);
}

TEST_F(Graphs, ACaptureThatPassesTheBudgetIsOver) {
  auto small = open_device("cpu:0", {.budget = 1 << 20});
  Stream& stream = small->stream();
  BufferId x = stream.create(1 << 19);
  stream.begin_capture();
  EXPECT_THROW(stream.create(1 << 20), Error);
  BufferId y = stream.create(1 << 18);
  stream.release(y);
  auto graph = stream.end_capture();
  stream.replay(graph);
  stream.wait();
  stream.forget(graph);
  stream.release(x);
  EXPECT_EQ(stream.statistics().allocated, 0);
}

// A step of a training loop as a list: its graph, and what goes over the wire.
class GraphCodec : public testing::Test {
 protected:
  GraphRef graph(int operations, std::vector<GraphParameter> parameters = {}) {
    auto list = std::make_unique<CommandList>();
    TensorView view = contiguous_view(BufferId::make(1, 1), DType::kF32, {10});
    ProgramBuilder p;
    Expr x = p.input(DType::kF32);
    p.output(x * p.arg(DType::kF32), DType::kF32);
    ProgramRef program = p.finish();
    for (int i = 0; i < operations; ++i) {
      Scalar arg{kPlaceholder + i};
      list->add(Map{program, {&view, 1}, {&view, 1}, {&arg, 1}}, "mul", i);
    }
    return std::make_shared<Graph>(std::move(list), std::move(parameters));
  }
  Bytes encoded(const CommandList& list) {
    ByteWriter out;
    encoder_.encode(list, out);
    return out.bytes;
  }
  void decode(const Bytes& bytes) {
    ByteReader in(bytes);
    decoder_.decode(in, back_);
    EXPECT_EQ(in.left(), 0u);
  }
  void expect_refusal(const Bytes& bytes, const char* says) {
    expect_error(says, [&] { decode(bytes); });
  }
  static constexpr uint64_t kPlaceholder = 0x6c73'0000'0000'0000;
  Encoder encoder_;
  Decoder decoder_;
  CommandList back_;
};

TEST_F(GraphCodec, AGraphTravelsOnce) {
  GraphRef graph = this->graph(300, {{kPlaceholder, 300}});
  BufferTable buffers;
  buffers.create(BufferId::make(1, 1), 40);
  for (int run = 0; run < 3; ++run) {
    CommandList list;
    const uint64_t values[] = {static_cast<uint64_t>(run) << 32};
    add_replay(list, graph, values, 1);
    Bytes bytes = encoded(list);
    if (run) {
      EXPECT_LT(bytes.size(), 64u);
    }
    decode(bytes);
    validate(back_, buffers);
    expand_graphs(list);
    expand_graphs(back_);
    ASSERT_EQ(back_.commands.size(), 300u);
    for (size_t i = 0; i < 300; ++i) {
      EXPECT_TRUE(same_operation(list.commands[i], back_.commands[i]));
      EXPECT_EQ(static_cast<const Map*>(back_.commands[i].op)->args[0].bits, values[0] + i);
    }
  }
  CommandList end, again;
  add_forget(end, graph, 2);
  add_forget(end, graph, 3);
  add_replay(again, graph, std::vector<uint64_t>{0}, 4);
  decode(encoded(end));
  Bytes bytes = encoded(again);
  EXPECT_GT(bytes.size(), 300u);  // it has to travel anew
  decode(bytes);
}

TEST_F(GraphCodec, AGraphRunsOnlyWhileItsBuffersLive) {
  GraphRef graph = this->graph(3);
  BufferTable buffers;
  buffers.create(BufferId::make(1, 1), 40);
  CommandList list;
  add_replay(list, graph, {}, 1);
  validate(list, buffers);
  buffers.release(BufferId::make(1, 1));
  expect_error("buffer 1 of generation 1 is not live", [&] { validate(list, buffers); });
  buffers.create(BufferId::make(1, 2), 40);
  expect_error("buffer 1 of generation 1 is not live", [&] { validate(list, buffers); });
}

TEST_F(GraphCodec, AGraphsOperationsAreValidated) {
  GraphRef graph = this->graph(3);
  BufferTable buffers;
  buffers.create(BufferId::make(1, 1), 36);  // too small
  CommandList list;
  add_replay(list, graph, {}, 1);
  expect_error("touches bytes 0 to 40 of a buffer of 36", [&] { validate(list, buffers); });
  expect_error("touches bytes 0 to 40 of a buffer of 36", [&] { validate(list, buffers); });
}

TEST_F(GraphCodec, HostileBytesAreRefused) {
  ByteWriter out;
  auto command = [&](uint8_t kind) {
    out.number(kind);
    out.number(uint64_t{1});
    out.number(uint32_t{0});
  };
  auto begin = [&](uint8_t kind) {
    out.bytes.clear();
    out.number(uint32_t{1});
    command(kind);
  };
  begin(6);
  out.number(uint32_t{7});
  expect_refusal(out.bytes, "graph 7 is named; 0 of 0 are kept");
  begin(7);
  out.number(uint32_t{7});
  expect_refusal(out.bytes, "graph 7 is to be forgotten");
  for (uint8_t kind : {1, 2, 4, 5, 6, 7, 8}) {
    begin(6);
    out.number(uint32_t{1});
    out.number(uint32_t{0});  // parameters
    out.number(uint32_t{1});  // commands
    command(kind);
    for (int i = 0; i < 4; ++i) out.number(uint64_t{0});
    expect_refusal(out.bytes, "is unknown in a graph");
  }
  begin(6);
  out.number(uint32_t{1});
  out.number(uint32_t{1} << 30);
  expect_refusal(out.bytes, "");
}

TEST_F(GraphCodec, ManyRunsInOneListAreBounded) {
  GraphRef graph = this->graph(1000);
  decoder_ = Decoder({.list_bytes = 1 << 20});
  CommandList list;
  for (int i = 0; i < 100; ++i) add_replay(list, graph, {}, i);
  expect_refusal(encoded(list), "the limit is 1048576");
}

TEST_F(GraphCodec, KeptGraphsAreBounded) {
  decoder_ = Decoder({.graphs = 4});
  std::vector<GraphRef> graphs;
  CommandList list;
  for (int i = 0; i < 5; ++i) {
    graphs.push_back(graph(1));
    add_replay(list, graphs.back(), {}, i);
    if (i == 3) decode(encoded(list));
    if (i == 3) list.clear();
  }
  expect_refusal(encoded(list), "more than 4 graphs are kept");
}

}  // namespace
}  // namespace lineshaft
