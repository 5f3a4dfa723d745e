// Random number generators: a Philox key, which is the seed, and a counter. An operator that draws random numbers
// reserves its counters when it is recorded. While a graph is captured on the generator's device, seeds and counters
// are placeholders, and each run of the graph replaces them by the generators' states (frontend/graph.h).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// A seed and a first counter: the state of a generator, or the counters that an operator has reserved. Both are i64
// run-time arguments of operations.
struct Draw {
  int64_t seed = 0;
  int64_t offset = 0;  // the first counter; element i uses counter offset + i
  friend bool operator==(Draw, Draw) = default;
};

// Thread-safe.
class LINESHAFT_EXPORT Generator {
 public:
  Generator(int device, Draw state) : device_(device), state_(state) {}
  int device() const { return device_; }
  Draw state() const;
  void set_state(Draw state);
  // Returns its state and advances it by `count` counters.
  Draw take(uint64_t count);

 private:
  const int device_;
  mutable std::mutex mutex_;
  Draw state_;
};
using GeneratorRef = std::shared_ptr<Generator>;

// Reserves `count` counters for an operator. While a graph is captured on the generator's device they are placeholders
// of the graph; else they are counters of the generator. Throws Error(kInvalidArgument) for a count below 0.
LINESHAFT_EXPORT Draw reserve(const GeneratorRef& generator, int64_t count);

// The state of the generator; during a capture on its device, its state in the graph. Such a state can be set again
// during the same capture, as activation checkpointing does.
LINESHAFT_EXPORT Draw state_of(const GeneratorRef& generator);
// Sets the state. Throws Error(kInvalidArgument) during a capture for a state that was not taken in that capture, and
// outside of a capture for a state that was taken in one.
LINESHAFT_EXPORT void set_state(const GeneratorRef& generator, Draw state);
// Sets the state {seed, 0}. Throws Error(kInvalidArgument) while a graph is captured on the generator's device, because
// each run gives the graph its seed.
LINESHAFT_EXPORT void set_seed(const GeneratorRef& generator, uint64_t seed);

}  // namespace lineshaft::frontend
