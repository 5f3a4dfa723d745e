#include "lineshaft/frontend/allocation.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using Bytes = std::vector<uint8_t>;
using Memory = std::unique_ptr<Allocation, void (*)(Allocation*) noexcept>;

Memory memory_of(const Bytes& bytes) {
  Memory memory(allocate(0, static_cast<int64_t>(bytes.size())), &release);
  write_bytes(memory->address, bytes.data(), memory->size);
  return memory;
}

Bytes held_by(const Memory& memory) {
  Bytes bytes(static_cast<size_t>(memory->size));
  read_bytes(bytes.data(), memory->address, memory->size);
  return bytes;
}

TEST(FrontendBytes, AreCopiedByTheirAddresses) {
  Memory a = memory_of({1, 2, 3, 4, 5, 6}), b = memory_of({0, 0, 0, 0, 0, 0});
  copy_bytes(b->address + 1, a->address + 3, 2);
  EXPECT_EQ(held_by(b), (Bytes{0, 4, 5, 0, 0, 0}));
  copy_bytes(a->address, a->address + 4, 2);
  EXPECT_EQ(held_by(a), (Bytes{5, 6, 3, 4, 5, 6}));
}

TEST(FrontendBytes, AreFilledWrittenAndReadFromTheMiddle) {
  Memory a = memory_of({1, 2, 3, 4, 5, 6});
  fill_bytes(a->address + 1, 255, 3);
  EXPECT_EQ(held_by(a), (Bytes{1, 255, 255, 255, 5, 6}));
  const uint8_t written[] = {7, 8};
  write_bytes(a->address + 4, written, 2);
  uint8_t read[3] = {};
  read_bytes(read, a->address + 3, 3);
  EXPECT_EQ(Bytes(read, read + 3), (Bytes{255, 7, 8}));
}

TEST(FrontendBytes, NoneAreNowhere) {
  copy_bytes(nullptr, nullptr, 0);
  write_bytes(nullptr, nullptr, 0);
  read_bytes(nullptr, nullptr, 0);
  fill_bytes(nullptr, 1, 0);
}

TEST(FrontendBytes, RangesThatAreNotThereAreRefused) {
  Memory a = memory_of(Bytes(64));
  auto refused = [&](const char* part, auto&& run) { expect_error(ErrorCode::kInvalidArgument, part, run); };
  refused("65 bytes from byte 0 on, of an allocation of 64", [&] { fill_bytes(a->address, 0, 65); });
  refused("8 bytes from byte 60 on", [&] { copy_bytes(a->address, a->address + 60, 8); });
  refused("-1 bytes", [&] { fill_bytes(a->address, 0, -1); });
  refused("overlap its source", [&] { copy_bytes(a->address, a->address + 4, 8); });
  Bytes local(8);
  refused("is not memory of a lineshaft device", [&] { copy_bytes(a->address, local.data(), 8); });
}

// As after reconnect(), which gives the device another stream.
TEST(FrontendBytes, OfADeviceThatWasOpenedAnewAreLost) {
  Memory a = memory_of(Bytes(64));
  Stream* opened = std::exchange(a->stream, nullptr);
  expect_error(ErrorCode::kDeviceLost, "opened anew", [&] { fill_bytes(a->address, 0, 64); });
  a->stream = opened;
}

}  // namespace
}  // namespace lineshaft::frontend
