// What this process's devices have done so far, counted for tests and for users. What a server does for a guest is not
// among it. Any thread.
#pragma once

#include <cstdint>

namespace lineshaft {

// Programs, pipelines and library primitives made ready to run, each once for a structure (dtypes, shapes, layouts):
// what stays as it is while only numbers change.
uint64_t compilations() noexcept;
// Operations meant for a device that the CPU backend ran in its place, as f64 where a device lacks it.
uint64_t host_operations() noexcept;

// Backends call them for each.
void count_compilation() noexcept;
void count_host_operation() noexcept;

}  // namespace lineshaft
