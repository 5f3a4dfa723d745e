// What this process's devices have done so far, counted for tests and for users. What a server does for a guest is not
// among it. Any thread.
#pragma once

#include <cstdint>

#include "lineshaft/base/export.h"

namespace lineshaft {

// Programs, pipelines and library primitives made ready to run, each once for a structure (dtypes, shapes, layouts):
// what stays as it is while only numbers change.
LINESHAFT_EXPORT uint64_t compilations() noexcept;
// Operations meant for a device that the CPU backend ran in its place, as f64 where a device lacks it.
LINESHAFT_EXPORT uint64_t host_operations() noexcept;

// Backends call them for each.
LINESHAFT_EXPORT void count_compilation() noexcept;
LINESHAFT_EXPORT void count_host_operation() noexcept;

}  // namespace lineshaft
