// Storing results from scratch to an operation's output through its epilogue.
#pragma once

#include "backends/cpu/context.h"

namespace lineshaft::cpu {

// The program that rounds a value of `type` to the dtype of the epilogue's input 0 and runs the epilogue on it. Without
// an epilogue it rounds to `output`.
ProgramRef epilogue_program(DType type, const Epilogue& epilogue, DType output);

// `results` are values of `type`, dense and row-major over the output's sizes. Does nothing where they already are the
// output.
void store_results(Context& context, std::byte* results, DType type, const Epilogue& epilogue,
                   const TensorView& output);

}  // namespace lineshaft::cpu
