// Two programs as one, and a program with fewer outputs: what fusion is made of. Results are interned and remembered,
// so that a pair met again costs a table look-up.
#pragma once

#include <cstdint>
#include <span>

#include "lineshaft/program/program.h"

namespace lineshaft {

// Where an input of the second program comes from.
struct Wire {
  enum Source : uint8_t { kFirstOutput, kFirstInput, kNewInput };
  Source source = kNewInput;
  uint8_t index = 0;  // of the first program's output or input, or among the new inputs
};

inline constexpr uint8_t kNotReplaced = 255;

// The program that runs `first`, then `second`. A value passed from an output of `first` is rounded to that output's
// dtype, as if it had been stored and loaded. Inputs: first's, then the new ones. Arguments: first's, then second's.
// Outputs: first's, then those of second that replace none; replaced[k] names the output of `first` that output k of
// `second` overwrites, or kNotReplaced.
ProgramRef compose(ProgramRef first, ProgramRef second, std::span<const Wire> wires, std::span<const uint8_t> replaced);

// The program with only those outputs whose bit is set in `kept`. Inputs and arguments stay as they are.
ProgramRef keep_outputs(ProgramRef program, uint64_t kept);

}  // namespace lineshaft
