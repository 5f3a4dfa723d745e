// Programs, one element and one instruction at a time, straight from opcodes.def. Independent of the backends'
// compilers on purpose.
#pragma once

#include "conformance/array.h"
#include "lineshaft/program/program.h"

namespace lineshaft::conformance {

struct Element {
  std::vector<Number> inputs;   // as their storage types hold them
  std::span<const int64_t> at;  // coordinates
  int64_t linear = 0;
};

// What the program stores for one element, each value as its output's storage type holds it. Every value is rounded to
// its compute type.
std::vector<Number> interpret(const Program& program, const Element& element, std::span<const Scalar> args);

// The program over whole arrays of one shape.
std::vector<Array> interpret(const Program& program, const Shape& shape, std::span<const Array> inputs,
                             std::span<const Scalar> args);

// Philox4x32-10: word `word` for this key and counter {counter, 0}.
uint32_t philox(uint64_t key, uint64_t counter, int word);
// 24 bits of it as a number in [0, 1).
Number uniform(uint64_t key, uint64_t counter);

}  // namespace lineshaft::conformance
