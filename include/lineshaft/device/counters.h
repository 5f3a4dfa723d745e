// Counts of what this process's devices have done so far, for tests and for users. What a server does for a guest is
// not counted. Any thread may call the functions.
#pragma once

#include <cstdint>

#include "lineshaft/base/export.h"

namespace lineshaft {

// Programs, pipelines and library primitives that were compiled or built. Each is counted once for a combination of
// dtypes, shapes and layouts; where only numbers change, nothing is compiled.
LINESHAFT_EXPORT uint64_t compilations() noexcept;
// Operations of another device that the CPU backend ran in its place, such as f64 where a device lacks it.
LINESHAFT_EXPORT uint64_t host_operations() noexcept;

// Backends call these for each compilation, and for each operation that runs on the host.
LINESHAFT_EXPORT void count_compilation() noexcept;
LINESHAFT_EXPORT void count_host_operation() noexcept;

}  // namespace lineshaft
