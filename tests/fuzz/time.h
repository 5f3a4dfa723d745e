// How long an operation takes, roughly: what fuzzers run has to end soon, and validated operations may broadcast a byte
// to 2^52 elements.
#pragma once

#include <algorithm>

#include "lineshaft/commands/command_list.h"

namespace lineshaft::fuzz {

// Factors below 1 count as 1; stays at 2^62 where the product passes it.
inline double product(std::initializer_list<int64_t> factors) {
  double result = 1;
  for (int64_t factor : factors) result *= static_cast<double>(std::max<int64_t>(factor, 1));
  return result;
}

template <class Op>
double time_of(const Op& op) {
  double elements = 0;
  size_t code = 1;
  for_each_view(op, [&](const TensorView& view, bool, bool) { elements += static_cast<double>(view.numel()); });
  if constexpr (requires { op.program->code; })
    if (op.program) code += op.program->code.size();
  if constexpr (requires { op.prologue->code; })
    if (op.prologue) code += op.prologue->code.size();
  if constexpr (requires { op.epilogue.program->code; })
    if (op.epilogue.program) code += op.epilogue.program->code.size();
  double time = elements * static_cast<double>(code);
  if constexpr (std::is_same_v<Op, Matmul>) time += product({op.output.numel(), op.a.sizes[op.a.rank - 1]});
  if constexpr (requires { op.query; })
    time += product({op.query.numel(), op.key.sizes[2]}) + product({op.query.numel(), op.value.numel()});
  if constexpr (std::is_same_v<Op, Conv>) time += product({op.output.numel(), op.weight.numel()});
  if constexpr (std::is_same_v<Op, ConvGradInput>) time += product({op.grad_output.numel(), op.weight.numel()});
  if constexpr (std::is_same_v<Op, ConvGradWeight>) time += product({op.grad_output.numel(), op.output.numel()});
  if constexpr (requires { op.geometry.kernel; })
    time += elements * product({op.geometry.kernel[0], op.geometry.kernel[1], op.geometry.kernel[2]});
  if constexpr (requires { op.geometry.antialias; })
    if (op.geometry.antialias) time += elements * elements;
  return time;
}

inline double time_of(const Command& command) {
  if (command.kind != CommandKind::kOperation) return 0;
  return visit_operation(command.op_kind, command.op, [](const auto& op) { return time_of(op); });
}

}  // namespace lineshaft::fuzz
