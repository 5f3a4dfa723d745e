// How much a command does, from its sizes alone.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

struct Work {
  // The elements that it touches or, where they are multiplied and added, the products. What a unit takes differs
  // between devices and kinds of operation, by a factor of a hundred or so.
  double units = 0;
  double bytes = 0;  // that it reads and writes, broadcast elements counted each time

  void operator+=(const Work& more) {
    units += more.units;
    bytes += more.bytes;
  }
};

// A replay does the units of its graph's commands; its bytes are not known, which is infinity. What is neither an
// operation nor a replay does nothing. Operations must be valid (commands/validate.h).
LINESHAFT_EXPORT Work work_of(const Command& command);

}  // namespace lineshaft
