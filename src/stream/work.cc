#include "stream/work.h"

#include <algorithm>
#include <limits>

#include "stream/graph.h"

namespace lineshaft {
namespace {

double count(const TensorView& view) {
  return static_cast<double>(view.numel());
}

// `elements` are those of all its views.
template <class Op>
double units_of(const Op&, double elements) {
  return elements;
}

double units_of(const Matmul& op, double) {
  return count(op.output) * static_cast<double>(op.a.sizes[std::max(op.a.rank - 1, 0)]);
}

// Each element of the first view meets one filter.
double products(const TensorView& view, const TensorView& weight) {
  return count(view) * count(weight) / static_cast<double>(std::max<int64_t>(weight.sizes[0], 1));
}

double units_of(const Conv& op, double) {
  return products(op.output, op.weight);
}

double units_of(const ConvGradInput& op, double) {
  return products(op.grad_output, op.weight);
}

double units_of(const ConvGradWeight& op, double) {
  return products(op.grad_output, op.output);
}

double units_of(const Attention& op, double) {
  return count(op.query) * static_cast<double>(op.key.sizes[2]);
}

double units_of(const AttentionGrad& op, double) {
  return count(op.query) * static_cast<double>(op.key.sizes[2]);
}

// Each element of the second view meets a row or a column of the first.
double factors(const TensorView& matrix, const TensorView& other) {
  return count(other) * static_cast<double>(std::min(matrix.sizes[1], matrix.sizes[2]));
}

double units_of(const Cholesky& op, double) {
  return factors(op.input, op.output);
}

double units_of(const TriangularSolve& op, double) {
  return factors(op.a, op.output);
}

double units_of(const Lu& op, double) {
  return factors(op.input, op.output);
}

double units_of(const Qr& op, double) {
  return factors(op.input, op.output);
}

double units_of(const ApplyReflectors& op, double) {
  return factors(op.reflectors, op.output);
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
    return Work{units_of(op, elements), bytes};
  });
}

}  // namespace lineshaft
