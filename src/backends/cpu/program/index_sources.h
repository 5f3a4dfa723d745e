// Index and Linear instructions read virtual operands, whose values are linear functions of the coordinates, as
// addresses are.
#pragma once

#include <span>
#include <vector>

#include "backends/cpu/context.h"
#include "backends/cpu/program/iteration.h"
#include "lineshaft/program/program.h"

namespace lineshaft::cpu {

inline constexpr int kLinearSource = -1;  // the row-major number; others name their axis

// The sources of a program, in the order in which a plan numbers them.
std::vector<int> index_sources(const Program& program);
Strides source_strides(int source, std::span<const int64_t> sizes);

// A program like `program` whose outputs have compute types. Each value is rounded to the storage type that the output
// had.
ProgramRef widened(Context& context, ProgramRef program);

}  // namespace lineshaft::cpu
