// What a stream refuses: sizes, ranges, handles and views that make no sense.
#include <gtest/gtest.h>

#include "lineshaft/device/registry.h"
#include "lineshaft/stream/stream.h"
#include "support/examples.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

TEST(StreamBounds, BadUploadsAreRefused) {
  auto device = open_device("cpu:0", {});
  Stream& stream = device->stream();
  BufferId buffer = stream.create(8);
  char bytes[16] = {};
  EXPECT_THROW(stream.write(buffer, 0, bytes, 16), Error);
  EXPECT_THROW(stream.write(buffer, -1, bytes, 4), Error);
  EXPECT_THROW(stream.read(buffer, 4, bytes, 8), Error);
  stream.release(buffer);
  EXPECT_THROW(stream.write(buffer, 0, bytes, 8), Error);
}

TEST(StreamBounds, SizesAndOffsetsThatAreNoneAreRefused) {
  auto device = open_device("cpu:0", {});
  Stream& stream = device->stream();
  constexpr int64_t kMost = INT64_MAX;
  EXPECT_THROW(stream.create(-5), Error);
  EXPECT_THROW(stream.create(INT64_MIN), Error);
  BufferId buffer = stream.create(16);
  EXPECT_THROW(stream.create(kMost), Error);  // with what is there, more than a number holds
  char bytes[16] = {};
  for (int64_t offset : {kMost, kMost - 8, int64_t{-1}, INT64_MIN}) {
    EXPECT_THROW(stream.read(buffer, offset, bytes, 16), Error) << offset;
    EXPECT_THROW(stream.write(buffer, offset, bytes, 16), Error) << offset;
  }
  for (int64_t size : {kMost, int64_t{-1}, INT64_MIN}) EXPECT_THROW(stream.read(buffer, 8, bytes, size), Error) << size;
  EXPECT_THROW(stream.write(buffer, 8, bytes, -1), Error);
  BufferId unknown = BufferId::make(1 << 20, 1);
  EXPECT_THROW(stream.read(unknown, 0, bytes, 4), Error);
  EXPECT_THROW(stream.write(unknown, 0, bytes, 4), Error);
  stream.write(buffer, 0, "0123456789abcdef", 16);
  stream.read(buffer, 12, bytes, 4);
  EXPECT_EQ(std::string(bytes, 4), "cdef");
  stream.release(buffer);
}

TEST(StreamBounds, ViewsThatPassTheEndOfTheirBufferAreRefused) {
  auto device = open_device("cpu:0", {.validate = true});
  Stream& stream = device->stream();
  BufferId small = stream.create(16), large = stream.create(64);
  auto run = [&](const TensorView& from, const TensorView& to) {
    TensorView inputs[] = {from}, outputs[] = {to};
    stream.record(Map{examples::twice(), inputs, outputs, {}});
  };
  TensorView four = contiguous_view(small, DType::kF32, {4}), out = contiguous_view(large, DType::kF32, {4});
  run(four, out);
  expect_error(ErrorCode::kInvalidArgument, "touches bytes 4 to 20 of a buffer of 16",
               [&] { run(contiguous_view(small, DType::kF32, {4}, 4), out); });
  TensorView backwards = four;
  backwards.strides[0] = -1;
  expect_error(ErrorCode::kInvalidArgument, "touches bytes -12 to 4", [&] { run(backwards, out); });
  TensorView five = contiguous_view(large, DType::kF32, {5});
  expect_error(ErrorCode::kInvalidArgument, "of a buffer of 16",
               [&] { run(five, contiguous_view(small, DType::kF32, {5})); });
  // Indices lead to what the base itself does not touch.
  BufferId numbers = stream.create(32);
  TensorView base = four, index[] = {contiguous_view(numbers, DType::kI64, {4})};
  base.strides[0] = 0;
  for (int64_t bound : {4, 5}) {
    int64_t strides[] = {1}, bounds[] = {bound};
    auto gather = [&] {
      stream.record(Gather{.input = base, .indices = index, .index_strides = strides, .bounds = bounds, .output = out});
    };
    if (bound == 4)
      EXPECT_NO_THROW(gather());
    else
      expect_error(ErrorCode::kInvalidArgument, "touches bytes 0 to 20 of a buffer of 16", gather);
  }
  for (BufferId buffer : {small, large, numbers}) stream.release(buffer);
}

TEST(StreamBounds, AnUploadThatPassesTheEndChangesNothing) {
  auto device = open_device("cpu:0", {});
  Stream& stream = device->stream();
  constexpr int64_t kSize = 3 << 20;
  BufferId buffer = stream.create(kSize);
  std::vector<char> zeros(kSize, 0), ones(kSize + 1, 1), back(kSize);
  stream.write(buffer, 0, zeros.data(), kSize);
  EXPECT_THROW(stream.write(buffer, 0, ones.data(), kSize + 1), Error);
  EXPECT_THROW(stream.write(buffer, INT64_MAX - 4, ones.data(), kSize), Error);
  EXPECT_THROW(stream.write(buffer, 0, ones.data(), INT64_MAX), Error);
  stream.read(buffer, 0, back.data(), kSize);
  EXPECT_EQ(back, zeros);
  stream.begin_capture();
  EXPECT_THROW(stream.write(buffer, 0, ones.data(), INT64_MAX), Error);
  stream.forget(stream.end_capture());
  stream.release(buffer);
}

TEST(StreamBounds, EventsAndGraphsOfAnotherStreamAreRefused) {
  auto one = open_device("cpu:0", {}), two = open_device("cpu:0", {});
  Stream &stream = one->stream(), &other = two->stream();
  Event event;
  for (int i = 0; i < 3; ++i) {
    event = other.record_event();
    other.flush();
  }
  expect_error(ErrorCode::kInvalidArgument, "an event of another stream", [&] { stream.wait(event); });
  expect_error(ErrorCode::kInvalidArgument, "an event of another stream", [&] { stream.query(event); });
  other.begin_capture();
  auto graph = other.end_capture();
  expect_error(ErrorCode::kInvalidArgument, "is not one that", [&] { stream.replay(graph); });
  expect_error(ErrorCode::kInvalidArgument, "no graph is given", [&] { stream.replay(nullptr); });
  stream.forget(graph);
  stream.forget(nullptr);
  other.replay(graph);
  other.forget(graph);
  other.forget(graph);
  expect_error(ErrorCode::kInvalidArgument, "or it is forgotten", [&] { other.replay(graph); });
}

TEST(StreamBounds, AGraphThatIsForgottenTwiceEndsItsBuffersOnce) {
  auto device = open_device("cpu:0", {});
  Stream& stream = device->stream();
  BufferId buffer = stream.create(16);
  TensorView views[] = {contiguous_view(buffer, DType::kF32, {4})};
  stream.begin_capture();
  stream.record(Map{examples::twice(), views, views, {}});
  auto graph = stream.end_capture();
  stream.release(buffer);
  stream.replay(graph);
  for (int i = 0; i < 2; ++i) {
    stream.forget(graph);
    EXPECT_EQ(stream.statistics().allocations, 0);
  }
}

}  // namespace
}  // namespace lineshaft
