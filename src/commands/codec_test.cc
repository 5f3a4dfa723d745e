#include "commands/codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "commands/validate.h"
#include "support/examples.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

Bytes encoded_examples() {
  CommandList list;
  examples::add_all(list);
  ByteWriter out;
  Encoder().encode(list, out);
  return out.bytes;
}

TEST(Codec, EveryOperationComesBackEqual) {
  CommandList list, back;
  examples::add_all(list);
  ByteWriter out;
  Encoder().encode(list, out);
  ByteReader in(out.bytes);
  Decoder().decode(in, back);
  EXPECT_EQ(in.left(), 0u);
  ASSERT_EQ(list.commands.size(), back.commands.size());
  EXPECT_EQ(list.commands.size(), static_cast<size_t>(examples::kBuffers + kOpKindCount));
  for (size_t i = 0; i < list.commands.size(); ++i) {
    const Command &a = list.commands[i], &b = back.commands[i];
    EXPECT_EQ(to_string(a), to_string(b));
    if (a.kind != CommandKind::kOperation) continue;
    EXPECT_TRUE(same_operation(a, b)) << to_string(a);
    EXPECT_EQ(content_hash(a), content_hash(b));
    EXPECT_STREQ(a.label, b.label);
  }
  EXPECT_EQ(to_string(list), to_string(back));
}

TEST(Codec, DifferentOperationsDiffer) {
  CommandList list;
  examples::add_all(list);
  Matmul other = examples::matmul();
  other.output.strides[0] += 1;
  list.add(other, "matmul", 0);
  for (size_t i = examples::kBuffers; i < list.commands.size(); ++i)
    for (size_t j = examples::kBuffers; j < i; ++j) {
      EXPECT_FALSE(same_operation(list.commands[i], list.commands[j])) << i << " " << j;
      EXPECT_NE(content_hash(list.commands[i]), content_hash(list.commands[j]));
    }
}

TEST(Codec, ProgramsAndLabelsTravelOnceASession) {
  CommandList list, back;
  list.add(examples::map(), "addcmul", 1);
  Encoder encoder;
  Decoder decoder;
  ByteWriter first, second;
  encoder.encode(list, first);
  encoder.encode(list, second);
  EXPECT_LT(second.bytes.size() + 50, first.bytes.size());
  for (const ByteWriter* out : {&first, &second}) {
    ByteReader in(out->bytes);
    decoder.decode(in, back);
    EXPECT_EQ(static_cast<const Map*>(back.commands[0].op)->program, examples::multiply_add());
    EXPECT_STREQ(back.commands[0].label, "addcmul");
  }
}

TEST(Codec, LabelsHoldNoZeroByte) {
  CommandList list, back;
  list.add(examples::map(), "addcmul", 1);
  ByteWriter out;
  Encoder().encode(list, out);
  auto name = std::as_bytes(std::span("addcmul", 7));
  auto at = std::search(out.bytes.begin(), out.bytes.end(), name.begin(), name.end());
  ASSERT_NE(at, out.bytes.end());
  at[3] = std::byte{0};
  ByteReader in(out.bytes);
  expect_whole_error(ErrorCode::kProtocol, "label 1 holds a zero byte", [&] { Decoder().decode(in, back); });
}

TEST(Codec, UploadsReleasesAndEventsComeBack) {
  std::vector<std::byte> large(100'000, std::byte{7});
  EventState event;
  CommandList list, back;
  list.commands = {{.kind = CommandKind::kUpload, .id = 4, .buffer = {5}, .size = 3, .offset = 8, .data = large.data()},
                   {.kind = CommandKind::kUpload, .id = 5, .buffer = {5}, .size = 100'000, .data = large.data()},
                   {.kind = CommandKind::kRelease, .id = 6, .buffer = {5}, .size = 64},
                   {.kind = CommandKind::kEvent, .id = 7, .event = &event}};
  ByteWriter out;
  Encoder().encode(list, out);
  ByteReader in(out.bytes);
  Decoder().decode(in, back);
  out.bytes.assign(out.bytes.size(), std::byte{0});  // the decoded list must not point into the message
  EXPECT_EQ(to_string(list), to_string(back));
  EXPECT_EQ(back.commands[0].offset, 8);
  EXPECT_EQ(std::memcmp(back.commands[0].data, large.data(), 3), 0);
  EXPECT_EQ(std::memcmp(back.commands[1].data, large.data(), large.size()), 0);
  EXPECT_NE(back.commands[3].event, nullptr);
}

TEST(Codec, BytesThatEndEarlyAreRefused) {
  Bytes bytes = encoded_examples();
  CommandList list;
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in({bytes.data(), size});
    EXPECT_THROW(Decoder().decode(in, list), Error) << size;
  }
}

TEST(Codec, CountsAreCheckedBeforeMemoryIsTaken) {
  for (uint32_t count : {1u << 20, 1u << 31, ~0u}) {
    ByteWriter out;
    out.number(count);
    out.raw("0123456789012345678901234567890123456789", 40);
    ByteReader in(out.bytes);
    CommandList list;
    EXPECT_THROW(Decoder().decode(in, list), Error);
  }
  ByteWriter out;  // an upload of a negative size
  out.number(uint32_t{1});
  out.number(uint8_t{3});
  out.number(uint64_t{1});
  out.number(uint32_t{0});
  for (int64_t field : {int64_t{5}, int64_t{0}, int64_t{-1}}) out.number(field);
  ByteReader in(out.bytes);
  CommandList list;
  EXPECT_THROW(Decoder().decode(in, list), Error);
}

// Whatever bytes come, decoding and validating throw an Error or give a list that is inside its buffers.
TEST(Codec, MutatedBytesNeverDoHarm) {
  const Bytes original = encoded_examples();
  std::mt19937_64 random(1);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = original;
    size_t changes = 1 + random() % 4;
    for (size_t i = 0; i < changes; ++i) {
      size_t at = random() % bytes.size();
      bytes[at] =
          random() % 2 ? static_cast<std::byte>(random()) : bytes[at] ^ static_cast<std::byte>(1 << random() % 8);
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    try {
      CommandList list;
      BufferTable buffers({.slots = 1 << 12, .bytes = int64_t{1} << 40});
      ByteReader in(bytes);
      Decoder().decode(in, list);
      validate(list, buffers);
      ++accepted;
      for (const Command& command : list.commands) {
        if (command.kind != CommandKind::kOperation) continue;
        for_each_view(command, [&](const TensorView& view, bool, bool) {
          ByteRange range = byte_range(view);
          ASSERT_GE(range.begin, 0);
          ASSERT_LE(range.end, int64_t{1} << 40);
        });
      }
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 1000);
}

TEST(Catalogue, TextNamesEveryOperationAndField) {
  std::string text = catalogue_text();
  for (int i = 0; i < kOpKindCount; ++i)
    EXPECT_NE(text.find(std::string(name_of(static_cast<OpKind>(i))) + "\n"), std::string::npos);
  EXPECT_NE(text.find("  param kind: enum sum prod"), std::string::npos);
  EXPECT_NE(text.find("  input a: view"), std::string::npos);
  EXPECT_NE(text.find("  param index_strides: list of i64"), std::string::npos);
  EXPECT_NE(text.find("  param scale: 3 of f64"), std::string::npos);
}

}  // namespace
}  // namespace lineshaft
