// The public API in one process, as programs call it: buffers, uploads and reads with any numbers, every operation with
// any views, graphs, events and the functions beside them, against a real device (LINESHAFT_FUZZ_DEVICE, by default the
// CPU) that checks what it is given. Every call works or throws an Error with a text, what is read is what was written,
// and nothing is left at the end.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "fuzz/api_caller.h"
#include "fuzz/tally.h"

namespace {

using namespace lineshaft;

fuzz::Tally tally;

std::span<const uint8_t> record(const uint8_t* data, size_t number) {
  return {data + 1 + number * fuzz::kRecord, fuzz::kRecord};
}

size_t count_records(size_t size) {
  return size == 0 ? 0 : std::min((size - 1) / fuzz::kRecord, fuzz::kMostRecords);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  ::setenv("LINESHAFT_THREADS", "1", 0);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  fuzz::ApiCaller caller(data[0]);
  for (size_t i = 0; i < count_records(size); ++i) {
    fuzz::Choices choices(record(data, i));
    uint8_t kind = choices.byte();
    caller.step(kind < fuzz::kSteps ? static_cast<fuzz::Step>(kind) : fuzz::Step::kOperation, choices);
  }
  tally.add(caller.calls(), caller.operations());
  return 0;
}

// Whole records come, go and change places; one of them changes.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t limit);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t limit, unsigned seed) {
  using fuzz::kRecord;
  fuzz::Random random(seed);
  size_t count = count_records(size), room = std::min(count_records(limit), fuzz::kMostRecords);
  if (count == 0 || room == 0 || random() % 16 == 0) return LLVMFuzzerMutate(data, size, limit);
  std::vector<std::array<uint8_t, kRecord>> records(count);
  std::memcpy(records.data(), data + 1, count * kRecord);
  size_t at = random() % count;
  switch (random() % 8) {
    case 0:
      if (count > 1) records.erase(records.begin() + static_cast<ptrdiff_t>(at));
      break;
    case 1:
      std::swap(records[at], records[random() % count]);
      break;
    case 2:
    case 3: {
      auto copy = records[random() % count];
      if (random() % 2) copy[0] = static_cast<uint8_t>(random() % (2 * fuzz::kSteps));
      records.insert(records.begin() + static_cast<ptrdiff_t>(at), copy);
      break;
    }
    case 4:
      records[at][random() % 4] = static_cast<uint8_t>(random() >> 8);
      break;
    default:
      LLVMFuzzerMutate(records[at].data(), kRecord, kRecord);
  }
  records.resize(std::min(records.size(), room));
  std::memcpy(data + 1, records.data(), records.size() * kRecord);
  return 1 + records.size() * kRecord;
}
