#include "commands/work.h"

#include <limits>

#include "lineshaft/commands/graph.h"

namespace lineshaft {
namespace {

double count(const TensorView& view) {
  return static_cast<double>(view.numel());
}

// The views of a map have the same sizes.
Work work_of(const Map& op) {
  size_t element = 0;
  for (const TensorView& view : op.inputs) element += size_of(view.dtype);
  for (const TensorView& view : op.outputs) element += size_of(view.dtype);
  double elements = op.outputs.empty() ? 0 : count(op.outputs[0]);
  return {elements * static_cast<double>(op.inputs.size() + op.outputs.size()),
          elements * static_cast<double>(element)};
}

}  // namespace

Work work_of(const Command& command) {
  if (command.kind == CommandKind::kReplay)
    return {static_cast<const Replay*>(command.op)->graph->units(), std::numeric_limits<double>::infinity()};
  if (command.kind != CommandKind::kOperation) return {};
  if (command.op_kind == OpKind::kMap) return work_of(*static_cast<const Map*>(command.op));
  return visit_operation(command.op_kind, command.op, [](const auto& op) {
    double elements = 0, bytes = 0;
    for_each_view(op, [&](const TensorView& view, bool, bool) {
      double own = count(view);
      elements += own;
      bytes += own * size_of(view.dtype);
    });
    if constexpr (requires { units_of(op); })
      return Work{units_of(op), bytes};
    else
      return Work{elements, bytes};
  });
}

}  // namespace lineshaft
