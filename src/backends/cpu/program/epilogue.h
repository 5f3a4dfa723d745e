// Results that lie in scratch, brought to an operation's output through its epilogue.
#pragma once

#include "backends/cpu/context.h"

namespace lineshaft::cpu {

// The program that rounds a value of `type` to what the epilogue takes (or to `output` where there is none) and runs
// the epilogue on it.
ProgramRef epilogue_program(DType type, const Epilogue& epilogue, DType output);

// `results`: values of `type` without gaps, row-major over the output's sizes. Does nothing where they already are the
// output.
void store_results(Context& context, std::byte* results, DType type, const Epilogue& epilogue,
                   const TensorView& output);

}  // namespace lineshaft::cpu
