#include "stream/stream_buffers.h"

#include <gtest/gtest.h>

#include "support/expected_error.h"

namespace lineshaft {
namespace {

constexpr int64_t kMost = INT64_MAX;

class StreamBuffersTest : public testing::Test {
 protected:
  BufferId create(int64_t bytes) { return buffers_.create(bytes, options_.budget); }
  void expect_refusal(ErrorCode code, int64_t bytes) {
    expect_error(code, "bytes", [&] { create(bytes); });
  }
  bool within(BufferId buffer, int64_t offset, int64_t size) {
    return !thrown_by([&] { buffers_.require_within(buffer, offset, size, "a read"); });
  }

  StreamOptions options_{.budget = 1000, .name = "test:0"};
  CommandWindow window_;
  StreamBuffers buffers_{options_, window_};
};

TEST_F(StreamBuffersTest, RecordsBeginningsAndEnds) {
  BufferId buffer = create(40);
  EXPECT_TRUE(buffer);
  EXPECT_TRUE(buffers_.release(buffer));
  const auto& commands = window_.list.commands;
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0].kind, CommandKind::kCreate);
  EXPECT_EQ(commands[1].kind, CommandKind::kRelease);
  for (size_t i : {0, 1}) {
    EXPECT_EQ(commands[i].id, i + 1);
    EXPECT_EQ(commands[i].buffer, buffer);
    EXPECT_EQ(commands[i].size, 40);
  }
}

TEST_F(StreamBuffersTest, ASlotHasOneGenerationAWindow) {
  BufferId first = create(4);
  buffers_.release(first);
  BufferId second = create(4);
  EXPECT_NE(second.slot(), first.slot());
  buffers_.window_closed();
  BufferId third = create(4);
  EXPECT_EQ(third, BufferId::make(first.slot(), first.generation() + 1));
  EXPECT_FALSE(buffers_.is_live(first));
  EXPECT_TRUE(buffers_.is_live(third));
}

TEST_F(StreamBuffersTest, ASlotThatHasHadAllItsNamesIsNotUsedAgain) {
  options_.first_generation = kDeviceGeneration - 1;
  for (uint32_t slot : {1, 2}) {
    BufferId buffer = create(4);
    EXPECT_EQ(buffer, BufferId::make(slot, kDeviceGeneration - 1));
    buffers_.release(buffer);
    buffers_.window_closed();
    EXPECT_FALSE(buffers_.is_live(BufferId::make(slot, kDeviceGeneration)));
  }
}

TEST_F(StreamBuffersTest, KeepsToItsBudget) {
  BufferId kept = create(600);
  expect_whole_error(ErrorCode::kOutOfMemory,
                     "test:0 is out of memory: 401 bytes are asked for, 600 of 1000 bytes are held by 1 live buffers; "
                     "use a smaller batch, or release tensors that are no longer needed",
                     [&] { create(401); });
  create(400);
  EXPECT_FALSE(buffers_.fits(1, 1000));
  buffers_.release(kept);
  EXPECT_TRUE(buffers_.fits(600, 1000));
  EXPECT_EQ(buffers_.statistics().allocated, 400);
  EXPECT_EQ(buffers_.statistics().peak_allocated, 1000);
  EXPECT_EQ(buffers_.statistics().total_allocated, 1000);
  EXPECT_EQ(buffers_.statistics().allocations, 1);
  buffers_.reset_peak();
  EXPECT_EQ(buffers_.statistics().peak_allocated, 400);
}

TEST_F(StreamBuffersTest, SaysWhatOthersTakeOfItsBudget) {
  create(100);
  expect_error(ErrorCode::kOutOfMemory, "100 of 1000 bytes are held by 1 live buffers and 700 by other programs",
               [&] { buffers_.create(201, 300); });
  EXPECT_TRUE(buffers_.create(200, 300));
  // They may leave less than is held already.
  expect_error(ErrorCode::kOutOfMemory, "and 1000 by other programs", [&] { buffers_.create(0, 0); });
}

TEST_F(StreamBuffersTest, SizesThatAreNoneAreRefused) {
  options_.budget = kMost;
  for (int64_t bytes : {int64_t{-1}, int64_t{-5}, INT64_MIN}) expect_refusal(ErrorCode::kInvalidArgument, bytes);
  EXPECT_TRUE(create(0));
  BufferId buffer = create(kMost - 16);
  for (int64_t bytes : {int64_t{17}, kMost - 1, kMost}) expect_refusal(ErrorCode::kOutOfMemory, bytes);
  buffers_.release(buffer);
  create(16);
  expect_refusal(ErrorCode::kOutOfMemory, kMost);
  EXPECT_EQ(buffers_.statistics().allocated, 16);
  EXPECT_EQ(buffers_.statistics().allocations, 2);
}

TEST_F(StreamBuffersTest, RangesThatPassTheEndAreRefused) {
  BufferId buffer = create(16);
  EXPECT_TRUE(within(buffer, 0, 16));
  EXPECT_TRUE(within(buffer, 16, 0));
  EXPECT_FALSE(within(buffer, 1, 16));
  for (int64_t offset : {kMost, kMost - 8, int64_t{17}, int64_t{-1}, INT64_MIN})
    for (int64_t size : {int64_t{0}, int64_t{16}, kMost}) EXPECT_FALSE(within(buffer, offset, size)) << offset;
  for (int64_t size : {kMost, int64_t{9}, int64_t{-1}, INT64_MIN}) EXPECT_FALSE(within(buffer, 8, size)) << size;
  expect_whole_error(ErrorCode::kInvalidArgument, "a read of 9 bytes at 8 passes the end of its buffer of 16 bytes",
                     [&] { buffers_.require_within(buffer, 8, 9, "a read"); });
}

TEST_F(StreamBuffersTest, NamesThatAreNotThereAreRefused) {
  BufferId buffer = create(16), released = create(16);
  buffers_.release(released);
  for (BufferId other : {BufferId{}, BufferId::make(0, 1), BufferId::make(buffer.slot(), 2), BufferId::make(1 << 20, 1),
                         BufferId::make(UINT32_MAX, UINT32_MAX), released}) {
    EXPECT_FALSE(buffers_.is_live(other)) << other.slot();
    expect_error("is used after its release", [&] { buffers_.require_live(other); });
    expect_error("which is not there", [&] { buffers_.require_within(other, 0, 0, "a read"); });
  }
  buffers_.require_live(buffer);
}

TEST_F(StreamBuffersTest, TheLastThatKeepsAReleasedBufferEndsIt) {
  BufferId buffer = create(16);
  buffers_.keep(buffer);
  buffers_.keep(buffer);
  EXPECT_FALSE(buffers_.release(buffer));
  EXPECT_FALSE(buffers_.is_live(buffer));
  EXPECT_TRUE(within(buffer, 0, 16));  // it is there
  buffers_.let_go(buffer);
  EXPECT_EQ(buffers_.statistics().allocated, 16);
  buffers_.let_go(buffer);
  EXPECT_EQ(buffers_.statistics().allocated, 0);
  EXPECT_FALSE(within(buffer, 0, 16));
}

TEST_F(StreamBuffersTest, WhatIsLetGoBeforeItsReleaseLivesOn) {
  BufferId buffer = create(16);
  buffers_.keep(buffer);
  buffers_.let_go(buffer);
  EXPECT_TRUE(buffers_.is_live(buffer));
  EXPECT_TRUE(buffers_.release(buffer));
}

TEST_F(StreamBuffersTest, AGraphEndsWhatItOwns) {
  auto list = std::make_unique<CommandList>();
  BufferId named = create(4), owned = create(4), unnamed = create(4);
  for (BufferId buffer : {named, owned})
    list->commands.push_back({.kind = CommandKind::kUpload, .buffer = buffer, .size = 0});
  Graph graph(std::move(list), {});
  ASSERT_EQ(graph.buffers().size(), 2u);
  graph.owned = {owned, unnamed};
  for (BufferId buffer : graph.buffers()) buffers_.keep(buffer);
  buffers_.let_go(graph);
  EXPECT_TRUE(buffers_.is_live(named));
  EXPECT_FALSE(buffers_.is_live(owned));
  EXPECT_FALSE(buffers_.is_live(unnamed));
}

}  // namespace
}  // namespace lineshaft
