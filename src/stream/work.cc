#include "stream/work.h"

#include <algorithm>

#include "stream/graph.h"

namespace lineshaft {
namespace {

double count(const TensorView& view) {
  return static_cast<double>(view.numel());
}

template <class Op>
double units_of(const Op& op) {
  double units = 0;
  for_each_view(op, [&](const TensorView& view, bool, bool) { units += count(view); });
  return units;
}

double units_of(const Matmul& op) {
  return count(op.output) * static_cast<double>(op.a.sizes[std::max(op.a.rank - 1, 0)]);
}

// Each element of the first view meets one filter.
double products(const TensorView& view, const TensorView& weight) {
  return count(view) * count(weight) / static_cast<double>(std::max<int64_t>(weight.sizes[0], 1));
}

double units_of(const Conv& op) {
  return products(op.output, op.weight);
}

double units_of(const ConvGradInput& op) {
  return products(op.grad_output, op.weight);
}

double units_of(const ConvGradWeight& op) {
  return products(op.grad_output, op.output);
}

double units_of(const Attention& op) {
  return count(op.query) * static_cast<double>(op.key.sizes[2]);
}

double units_of(const AttentionGrad& op) {
  return count(op.query) * static_cast<double>(op.key.sizes[2]);
}

// Each element of the second view meets a row or a column of the first.
double factors(const TensorView& matrix, const TensorView& other) {
  return count(other) * static_cast<double>(std::min(matrix.sizes[1], matrix.sizes[2]));
}

double units_of(const Cholesky& op) {
  return factors(op.input, op.output);
}

double units_of(const TriangularSolve& op) {
  return factors(op.a, op.output);
}

double units_of(const Lu& op) {
  return factors(op.input, op.output);
}

double units_of(const Qr& op) {
  return factors(op.input, op.output);
}

double units_of(const ApplyReflectors& op) {
  return factors(op.reflectors, op.output);
}

}  // namespace

double work_of(const Command& command) {
  if (command.kind == CommandKind::kReplay) return static_cast<const Replay*>(command.op)->graph->work();
  if (command.kind != CommandKind::kOperation) return 0;
  return visit_operation(command.op_kind, command.op, [](const auto& op) { return units_of(op); });
}

}  // namespace lineshaft
