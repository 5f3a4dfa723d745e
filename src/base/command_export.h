// LINESHAFT_COMMAND_EXPORT stands before what the `lineshaft` command takes of the engine's library beyond the public
// headers. Library and command are of one build and are installed together, so that this may change at any time: no
// other program uses it. The tests link the engine itself and need none of it.
#pragma once

#include "lineshaft/base/export.h"

#define LINESHAFT_COMMAND_EXPORT LINESHAFT_EXPORT
