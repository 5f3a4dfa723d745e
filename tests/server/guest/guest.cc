// A guest process of the server's tests: lineshaft_test_guest ADDRESS train STEPS SEED | busy | flood [UID] | long |
// hold BYTES | endless
#include "server/guest.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lineshaft::tests {
namespace {

// The losses' bits, one a line.
void train(Guest& guest, int steps, uint32_t seed) {
  for (float loss : guest.train(steps, seed)) {
    uint32_t bits;
    std::memcpy(&bits, &loss, sizeof bits);
    std::printf("%08x\n", bits);
  }
}

// One operation that takes longer than anybody lives: a product of 2^50 times one.
void endless(Guest& guest) {
  Stream& stream = guest.stream();
  BufferId one = stream.create(8), product = stream.create(8);
  double value = 1;
  stream.write(one, 0, &value, 8);
  constexpr int64_t kLong = int64_t{1} << 50;
  TensorView row = contiguous_view(one, DType::kF64, {1, kLong}),
             column = contiguous_view(one, DType::kF64, {kLong, 1});
  row.strides = column.strides = {};
  stream.record(Matmul{.a = row, .b = column, .output = contiguous_view(product, DType::kF64, {1, 1})});
  stream.wait();
}

// Work without end and without a look at what comes of it.
void flood(Guest& guest) {
  Stream& stream = guest.stream();
  constexpr int64_t kSide = 320, kBytes = kSide * kSide * 4;
  BufferId from = stream.create(kBytes), to = stream.create(kBytes);
  std::vector<std::byte> zeros(kBytes);
  stream.write(from, 0, zeros.data(), kBytes);
  TensorView a = contiguous_view(from, DType::kF32, {kSide, kSide}),
             c = contiguous_view(to, DType::kF32, {kSide, kSide});
  while (true) {  // in lists that take little to send: it is the device that it floods
    for (int i = 0; i < 8; ++i) stream.record(Matmul{.a = a, .b = a, .output = c});
    stream.flush();
  }
}

// Lists of hundreds of milliseconds, as many as the server takes.
void flood_with_long_lists(const std::string& address) {
  RawGuest guest(address);
  guest.begin();
  constexpr int64_t kSide = 160, kBytes = kSide * kSide * 4;
  CommandList first;
  first.commands = {create(1, kBytes), create(2, kBytes)};
  guest.send(first);
  CommandList list;
  for (int i = 0; i < 2000; ++i)
    list.add(Matmul{.a = contiguous_view(first.commands[0].buffer, DType::kF32, {kSide, kSide}),
                    .b = contiguous_view(first.commands[0].buffer, DType::kF32, {kSide, kSide}),
                    .output = contiguous_view(first.commands[1].buffer, DType::kF32, {kSide, kSide})},
             nullptr, 1);
  while (true) {
    guest.send(list);
    while (auto frame = guest.channel().receive(std::chrono::milliseconds(0)))
      guest.channel().recycle(std::move(*frame));
  }
}

// Memory, until it is killed.
void hold(Guest& guest, int64_t bytes) {
  guest.stream().create(bytes);
  guest.stream().wait();
  ::pause();
}

int run(int count, char** words) {
  if (count == 4 && std::string(words[2]) == "flood" &&
      ::setresuid(std::atoi(words[3]), std::atoi(words[3]), std::atoi(words[3])) != 0)
    return 3;
  std::string what = words[2];
  if (what == "long") flood_with_long_lists(words[1]);
  Guest guest(words[1]);
  if (what == "train" && count == 5)
    train(guest, std::atoi(words[3]), static_cast<uint32_t>(std::atoi(words[4])));
  else if (what == "busy")
    while (true) guest.train(1000, 1);
  else if (what == "flood")
    flood(guest);
  else if (what == "hold" && count == 4)
    hold(guest, std::atoll(words[3]));
  else if (what == "endless")
    endless(guest);
  else
    return 2;
  return 0;
}

}  // namespace
}  // namespace lineshaft::tests

int main(int count, char** words) {
  if (count < 3) return 2;
  try {
    return lineshaft::tests::run(count, words);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
