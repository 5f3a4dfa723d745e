// What a device reports of a command that it could not run.
#pragma once

#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// The error for the exception that is being handled: call it in a catch block. What the caller did wrong keeps its
// text, after the operator's name. A library's error and a defect of Lineshaft say which operation it was, with its
// sizes and parameters, and what to do; their code is kInternal.
Error failure_of(const Command& command);

}  // namespace lineshaft
