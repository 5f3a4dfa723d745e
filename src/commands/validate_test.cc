#include "commands/validate.h"

#include <gtest/gtest.h>

#include "commands/range.h"
#include "support/examples.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

BufferId id(uint32_t slot, uint32_t generation = 1) {
  return BufferId::make(slot, generation);
}

void expect_refused(const CommandList& list, const char* says) {
  BufferTable buffers;
  expect_error(says, [&] { validate(list, buffers); });
}

Command create(BufferId buffer, int64_t size) {
  return {.kind = CommandKind::kCreate, .id = 1, .buffer = buffer, .size = size};
}
Command release(BufferId buffer) {
  return {.kind = CommandKind::kRelease, .id = 2, .buffer = buffer};
}
Command upload(BufferId buffer, int64_t offset, int64_t size) {
  return {.kind = CommandKind::kUpload, .id = 3, .buffer = buffer, .size = size, .offset = offset};
}

TEST(ValidateList, TheExamplesAreAccepted) {
  CommandList list;
  examples::add_all(list);
  BufferTable buffers;
  validate(list, buffers);
  EXPECT_EQ(buffers.count(), examples::kBuffers);
  EXPECT_EQ(buffers.bytes(), examples::kBuffers * examples::kBufferSize);
}

TEST(Range, NoNumbersRunOver) {
  constexpr int64_t kMost = INT64_MAX, kLeast = INT64_MIN;
  static_assert(lies_within(0, 8, 8) && lies_within(8, 0, 8) && lies_within(kMost, 0, kMost));
  static_assert(lies_within(1, kMost - 1, kMost) && !lies_within(2, kMost - 1, kMost));
  for (int64_t offset : {int64_t{-1}, int64_t{1}, kMost - 7, kMost, kLeast})
    EXPECT_FALSE(lies_within(offset, 8, 8)) << offset;
  for (int64_t size : {int64_t{-1}, int64_t{9}, kMost, kLeast}) EXPECT_FALSE(lies_within(0, size, 8)) << size;
  EXPECT_FALSE(lies_within(0, 0, -1));
  EXPECT_TRUE(lies_within(ByteRange{4, 8}, 8));
  for (ByteRange range : {ByteRange{-1, 4}, ByteRange{4, 9}, ByteRange{8, 4}, ByteRange{kLeast, kMost}})
    EXPECT_FALSE(lies_within(range, 8)) << range.begin;
}

TEST(Range, WhatIndicesLeadToLiesInTheBuffer) {
  Gather op = examples::gather();
  auto check = [&](int64_t total) {
    for_each_touch(op, [&](const TensorView& view, const Touch& touch) {
      if (view.buffer == op.input.buffer) require_inside(view, touch, total);
    });
  };
  int64_t reach = byte_range(reachable(op.input, op.index_strides, op.bounds)).end;
  EXPECT_NO_THROW(check(reach));
  expect_error(ErrorCode::kInvalidArgument, concat("of a buffer of ", reach - 1), [&] { check(reach - 1); });
}

TEST(ValidateList, HandlesAreCheckedBySlotAndGeneration) {
  struct Case {
    std::vector<Command> commands;
    const char* says;
  };
  const Case cases[] = {
      {{release(id(1))}, "not live"},
      {{create(id(1), 8), release(id(1)), release(id(1))}, "not live"},
      {{create(id(1), 8), create(id(1, 2), 8)}, "is live"},
      {{create(id(1), 8), release(id(1)), create(id(1), 8)}, "is used"},
      {{create(id(1, 2), 8), release(id(1, 1))}, "not live"},
      {{create(id(0, 1), 8)}, "slot 0"},
      {{create(id(~0u), 8)}, "outside"},
      {{create(id(1, 0), 8)}, "is used"},
      {{create(id(1, ~0u), 8)}, "kept for devices"},
      {{create(id(1), -1)}, "-1 bytes"},
      {{create(id(1), INT64_MAX)}, "are held"},
      {{create(id(1), 8), upload(id(1), 4, 5)}, "passes its buffer"},
      {{create(id(1), 8), upload(id(1), -1, 1)}, "passes its buffer"},
      {{create(id(1), 8), upload(id(1), INT64_MAX, 8)}, "passes its buffer"},
      {{upload(id(1), 0, 0)}, "not live"},
      {{{.kind = static_cast<CommandKind>(9)}}, "unknown"},
  };
  for (const Case& each : cases) {
    CommandList list;
    list.commands = each.commands;
    expect_refused(list, each.says);
  }
}

TEST(ValidateList, ASlotLivesAgainInALaterGeneration) {
  CommandList list;
  list.commands = {create(id(1), 8), release(id(1)), create(id(1, 2), 16), upload(id(1, 2), 8, 8)};
  BufferTable buffers;
  validate(list, buffers);
  EXPECT_EQ(buffers.size_of(id(1, 2)), 16);
  EXPECT_EQ(buffers.bytes(), 16);
}

TEST(ValidateList, ViewsMustLieInsideTheirBuffers) {
  for (int64_t size : {23, 24}) {
    CommandList list;
    for (uint32_t slot : {1, 2, 3}) list.commands.push_back(create(id(slot), slot == 2 ? size : 24));
    list.add(examples::map(), nullptr, 4);
    if (size < 24) {
      expect_refused(list, "touches bytes 0 to 24 of a buffer of 23");
    } else {
      BufferTable buffers;
      EXPECT_NO_THROW(validate(list, buffers));
    }
  }
}

TEST(ValidateList, NegativeStridesMustNotReachBelowTheBuffer) {
  CommandList list;
  for (uint32_t slot : {1, 2}) list.commands.push_back(create(id(slot), 64));
  TensorView input = examples::view(1, DType::kF32, {4}), output = examples::view(2, DType::kF32, {4});
  input.strides[0] = -1;
  input.offset = 8;
  list.add(Map{.program = identity_program(DType::kF32), .inputs = {&input, 1}, .outputs = {&output, 1}}, nullptr, 3);
  expect_refused(list, "touches bytes -4");
}

TEST(ValidateList, IndicesReachAsFarAsTheirBounds) {
  for (int64_t size : {159, 160}) {  // rows of a [10, 4] table of f32
    CommandList gathers, scatters;
    for (CommandList* list : {&gathers, &scatters})
      for (uint32_t slot : {1, 2, 3}) list->commands.push_back(create(id(slot), slot == 1 ? size : 1024));
    gathers.add(examples::gather(), nullptr, 4);
    scatters.add(examples::scatter(), nullptr, 4);
    for (CommandList* list : {&gathers, &scatters}) {
      if (size < 160) {
        expect_refused(*list, "touches bytes 0 to 160 of a buffer of 159");
      } else {
        BufferTable buffers;
        EXPECT_NO_THROW(validate(*list, buffers));
      }
    }
  }
}

}  // namespace
}  // namespace lineshaft
