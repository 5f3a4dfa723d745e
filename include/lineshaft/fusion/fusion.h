// Fusion: replaces the commands of a window by fewer commands that compute the same bits. Maps over one iteration space
// merge; a buffer that is created, used and released inside the window is not stored; maps become the prologue of a
// reduce, and the epilogue of operations that take one, such as matmul and conv.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// Limits of what a device runs as one command. Commands are not merged where the result would exceed a limit.
struct FusionLimits {
  int max_views = 16;  // inputs and outputs of one command
  int max_instructions = 256;
  // Whether the device computes in f64. If not, some operations on f64 run on the host, whose functions differ in the
  // last bits. Commands that touch f64 are then not merged, so that no other work moves to the host with them.
  bool f64 = true;
};

// Whether one command may have all inputs and outputs of the program. A frontend records several where it may not.
inline bool views_fit(const Program& program, const FusionLimits& limits) {
  return program.inputs.size() + program.outputs.size() <= static_cast<size_t>(limits.max_views);
}

// Rewrites `list` in place. New operations are placed in its arena, and new programs are interned.
LINESHAFT_EXPORT void fuse(CommandList& list, const FusionLimits& limits);

}  // namespace lineshaft
