// Operators that the device lacks. LINESHAFT_FALLBACK=warn (the default) runs them on the CPU, with one line a name and
// a count at exit; LINESHAFT_FALLBACK=error raises NotImplementedError.
#pragma once

#include <string>

#include <lineshaft/device/fallback.h>

namespace lineshaft::torch {

// The operator that runs on the CPU in this thread now, or null.
const std::string* operator_on_the_cpu();

// Called before device memory is copied to the host. In error mode a copy from inside one of the device's own operators
// raises, but for
// `_copy_from`, `_local_scalar_dense` and what holds a HostRead.
void check_host_copy();

// Operators whose result's size depends on data must read that size: nonzero, masked_select, unique, repeat_interleave
// and bincount hold one of these while they do.
class HostRead {
 public:
  HostRead();
  ~HostRead();
  HostRead(const HostRead&) = delete;
  HostRead& operator=(const HostRead&) = delete;
};

}  // namespace lineshaft::torch
