// Fusion: turns a window of commands into fewer that compute the same bits. Maps over one iteration space merge; a
// value that is born, used and released inside the window is never stored; maps fold into the prologue of a reduce and
// the epilogue of matmul and conv.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// What a backend's programs may hold. A merge that would pass a limit does not happen.
struct FusionLimits {
  int max_views = 16;  // inputs and outputs of one command
  int max_instructions = 256;
  // The device computes in f64. One that does not leaves some of it to the host, whose functions differ in the last
  // bits: what touches f64 stays as it is recorded, so that nothing else goes there with it.
  bool f64 = true;
};

// Rewrites `list` in place. New operations and programs go to its arena and the program table.
LINESHAFT_EXPORT void fuse(CommandList& list, const FusionLimits& limits);

}  // namespace lineshaft
