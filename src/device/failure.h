// The error that a device reports for a command that it could not run.
#pragma once

#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// Makes an Error from the exception that is being handled; call it in a catch block. Where the caller did something
// wrong, the text is that of the exception, after the operator's name. For an error of a library or a defect of
// Lineshaft, the code is kInternal, and the text names the operation with its sizes and parameters, and says what to
// do.
Error failure_of(const Command& command);

}  // namespace lineshaft
