// The forms of an operator that follow from another: out= and in-place from the functional one.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

namespace lineshaft::torch {

// Runs an operator that has no kernel of its own by its functional overload, and stores what that gives where the
// caller wants it, as PyTorch's own out= forms do: `out` is resized, and refused where it is of another device or
// cannot hold the result's kind. False, and the stack as it was, where there is no such overload that runs on the
// device.
bool run_derived(const c10::OperatorHandle& op, ::torch::jit::Stack* stack);

}  // namespace lineshaft::torch
