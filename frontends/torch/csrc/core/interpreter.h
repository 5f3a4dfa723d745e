// The Python interpreter, for a thread that may never come back to it.
#pragma once

namespace lineshaft::torch {

// Lets go of the GIL for good if this thread has it. At any time, even after the interpreter has ended.
void leave_interpreter() noexcept;

}  // namespace lineshaft::torch
