// An estimate of the work of a command, from its sizes alone.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

struct Work {
  // The number of elements that it touches; for matrix products and the like, the number of multiplications. The time
  // of a unit differs between devices and kinds of operation, by a factor of about a hundred.
  double units = 0;
  double bytes = 0;  // bytes that it reads and writes; a broadcast element counts each time it is read

  void operator+=(const Work& more) {
    units += more.units;
    bytes += more.bytes;
  }
};

// The units of a replay are those of its graph's commands; its bytes are not known and given as infinity. Commands that
// are neither operations nor replays have no work. Operations must be valid (commands/validate.h).
LINESHAFT_EXPORT Work work_of(const Command& command);

}  // namespace lineshaft
