// How much this process has compiled: what stays as it is while only numbers change.
#pragma once

#include <cstdint>

namespace lineshaft {

// Programs, pipelines and library primitives that this process's devices have made ready to run so far, each once for a
// structure (dtypes, shapes, layouts). What a server compiles for a guest is not among them. Any thread.
uint64_t compilations() noexcept;

// Backends call it for each.
void count_compilation() noexcept;

}  // namespace lineshaft
