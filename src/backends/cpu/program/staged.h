// Operands of an operation that computes in one type. An operand whose dtype has another compute type is converted
// through scratch.
#pragma once

#include "backends/cpu/context.h"

namespace lineshaft::cpu {

struct Staged {
  TensorView view;            // dtype widens to the computing type
  std::byte* data = nullptr;  // of element (0, 0, ...)
  explicit operator bool() const { return data != nullptr; }
};

// f64 where any of the views has dtype f64, else f32.
DType computing_type(std::initializer_list<const TensorView*> views);

// An absent view stays absent.
Staged stage_input(Context& context, const TensorView& view, DType type);
Staged stage_output(Context& context, const TensorView& view, DType type);
// Stores a staged output to its view.
void commit_output(Context& context, const Staged& staged, const TensorView& view);

}  // namespace lineshaft::cpu
