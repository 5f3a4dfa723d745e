// Random programs for the conformance suite.
#pragma once

#include "conformance/bench.h"
#include "lineshaft/program/program.h"

namespace lineshaft::conformance {

struct RandomProgram {
  ProgramRef program = nullptr;
  std::vector<Scalar> args;
};

// A straight-line program over these inputs whose results are exact on every device: integer and bit operations,
// comparisons, selections, and float operations that are rounded once. Float inputs are taken to be of moderate size.
RandomProgram exact_program(Bench& bench, std::span<const DType> inputs, std::span<const DType> outputs, int rank,
                            int instructions);

// An epilogue for a result of dtype `result` over `extra` inputs: sums, products, maxima.
RandomProgram epilogue_program(Bench& bench, DType result, std::span<const DType> extra, DType output);

}  // namespace lineshaft::conformance
