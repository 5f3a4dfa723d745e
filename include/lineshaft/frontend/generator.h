// Random number generators: a Philox key, which is the seed, and a counter. What draws reserves its counters when it is
// recorded. While a graph is captured on the generator's device, seeds and counters are placeholders, and each run of
// the graph puts the generators' states in (frontend/graph.h).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// A seed and the counter that comes next: a generator's state, or what an operator draws. As an operation's run-time
// arguments they are i64.
struct Draw {
  int64_t seed = 0;
  int64_t offset = 0;  // of the first counter; element i uses offset + i
  friend bool operator==(Draw, Draw) = default;
};

// Any thread may use it.
class LINESHAFT_EXPORT Generator {
 public:
  Generator(int device, Draw state) : device_(device), state_(state) {}
  int device() const { return device_; }
  Draw state() const;
  void set_state(Draw state);
  // Its state, which goes on by `count` counters.
  Draw take(uint64_t count);

 private:
  const int device_;
  mutable std::mutex mutex_;
  Draw state_;
};
using GeneratorRef = std::shared_ptr<Generator>;

// `count` counters for an operator: of the graph that is captured on the generator's device, else of the generator.
LINESHAFT_EXPORT Draw reserve(const GeneratorRef& generator, int64_t count);

// Where the generator stands, in the graph that is captured on its device, else by itself. What this gives during a
// capture can be put in again there, as activation checkpointing does.
LINESHAFT_EXPORT Draw state_of(const GeneratorRef& generator);
// Puts a state in. Throws for one from outside the capture that goes on, and for one of a capture where none goes on.
LINESHAFT_EXPORT void set_state(const GeneratorRef& generator, Draw state);
// The state {seed, 0}. Throws where a graph is captured on the generator's device: its seed is each run's.
LINESHAFT_EXPORT void set_seed(const GeneratorRef& generator, uint64_t seed);

}  // namespace lineshaft::frontend
