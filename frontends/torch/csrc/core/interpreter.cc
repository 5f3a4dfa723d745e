#include "csrc/core/interpreter.h"

#include <pybind11/pybind11.h>

namespace lineshaft::torch {

void leave_interpreter() noexcept {
  // PyGILState_Check says yes once the interpreter has ended.
  PyThreadState* own = PyGILState_GetThisThreadState();
  if (own && own == pybind11::detail::get_thread_state_unchecked()) PyEval_SaveThread();
}

}  // namespace lineshaft::torch
