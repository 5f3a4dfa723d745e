// How much a command does, from its sizes alone: the elements that it touches or, where they are multiplied and added,
// the products. What a unit takes differs between devices and kinds of operation, by a factor of a hundred or so.
#pragma once

#include "stream/command_list.h"

namespace lineshaft {

// A replay does what its graph's commands do; what is neither an operation nor a replay does nothing. Operations must
// be valid (stream/validate.h).
double work_of(const Command& command);

}  // namespace lineshaft
