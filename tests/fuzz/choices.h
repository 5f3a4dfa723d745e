// What an input of the API's fuzzer says: one byte of options, then a record of kRecord bytes for each step. A step
// takes its choices from its record, and from random numbers that the record seeds once it is used up: so few bytes say
// all, and a change of one step leaves the others as they are.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "fuzz/mutate.h"

namespace lineshaft::fuzz {

inline constexpr size_t kRecord = 16;
inline constexpr size_t kMostRecords = 128;  // of an input; the others are left out

// The first byte of a record. Any larger one is an operation, as there is most to say of them.
enum class Step : uint8_t {
  kOperation,  // bytes: kind, changes
  kCreate,
  kRelease,
  kWrite,
  kRead,
  kCapture,  // begins one, or ends it
  kReplay,
  kForget,
  kEvent,
  kWait,
  kProgram,
  kStrange,  // handles that are not there or another stream's
  kViews,
  kRules,
  kFrontend,
};
inline constexpr uint8_t kSteps = static_cast<uint8_t>(Step::kFrontend) + 1;

class Choices {
 public:
  explicit Choices(std::span<const uint8_t> record) : record_(record) {
    uint64_t seed = 0xcbf29ce484222325;
    for (uint8_t byte : record) seed = (seed ^ byte) * 0x100000001b3;
    random_.seed(static_cast<uint32_t>(seed >> 32));
  }

  uint8_t byte() {
    if (record_.empty()) return static_cast<uint8_t>(random_() >> 8);
    uint8_t value = record_.front();
    record_ = record_.subspan(1);
    return value;
  }
  // Below `count`, which is 1 to 256.
  size_t below(size_t count) { return byte() % count; }
  // A byte of 0 says no.
  bool one_in(size_t count) { return below(count) == count - 1; }
  uint64_t bits(size_t bytes = 8) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value |= uint64_t{byte()} << (8 * i);
    return value;
  }
  // A size or an offset: small, beside `limit`, or any.
  int64_t number(int64_t limit) {
    static constexpr int64_t kEdges[] = {-1,
                                         INT64_MAX,
                                         INT64_MIN,
                                         int64_t{1} << 52,
                                         INT32_MAX,
                                         INT32_MIN,
                                         int64_t{1} << 32,
                                         -(int64_t{1} << 52),
                                         INT64_MAX - 7,
                                         INT64_MIN + 1,
                                         4096,
                                         (int64_t{1} << 52) + 1};
    auto wrapped = [](uint64_t value) { return static_cast<int64_t>(value); };
    auto most = static_cast<uint64_t>(limit);
    switch (below(10)) {
      case 0:
        return 0;
      case 1:
        return limit;
      case 2:
        return wrapped(most + 1);
      case 3:
        return wrapped(most - bits(1));
      case 4:
        return kEdges[below(std::size(kEdges))];
      case 5:
        return wrapped(bits());
      case 6:
        return wrapped(static_cast<uint64_t>(INT64_MAX) - most + bits(1));
      case 7:
        return wrapped(bits(2));
      default:
        return wrapped(bits(1));
    }
  }
  // Within 0 to `limit`.
  int64_t within(int64_t limit) { return static_cast<int64_t>(bits(4) % (static_cast<uint64_t>(limit) + 1)); }
  Random& random() { return random_; }

 private:
  std::span<const uint8_t> record_;
  Random random_;
};

}  // namespace lineshaft::fuzz
