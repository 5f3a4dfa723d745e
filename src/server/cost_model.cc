#include "server/cost_model.h"

#include <algorithm>
#include <cmath>

namespace lineshaft {
namespace {

constexpr double kLaunch = 2000;  // nanoseconds that any operation takes
constexpr double kFirstRate = 0.5;
constexpr double kUploadRate = 0.2;  // nanoseconds a byte

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
  return count(op.output) * static_cast<double>(op.a.sizes[op.a.rank - 1]);
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

void Cost::add(const Cost& other) {
  total += other.total;
  for (size_t i = 0; i < by_kind.size(); ++i) by_kind[i] += other.by_kind[i];
}

CostModel::CostModel() {
  rates_.fill(kFirstRate);
}

Cost CostModel::estimate(const Command& command) const {
  Cost cost;
  if (command.kind == CommandKind::kUpload) cost.total = kUploadRate * static_cast<double>(command.size);
  if (command.kind != CommandKind::kOperation) return cost;
  double units = visit_operation(command.op_kind, command.op, [](const auto& op) { return units_of(op); });
  auto kind = static_cast<size_t>(command.op_kind);
  cost.total = cost.by_kind[kind] = kLaunch + units * rates_[kind];
  return cost;
}

void CostModel::learn(const Cost& estimated, double ns) {
  if (estimated.total <= 0 || ns <= 0) return;
  double ratio = std::clamp(ns / estimated.total, 0.1, 10.0);
  for (size_t kind = 0; kind < rates_.size(); ++kind) {
    // A kind that was a small part of the work is hardly to blame for how long it took.
    double part = estimated.by_kind[kind] / estimated.total;
    if (part > 0) rates_[kind] = std::clamp(rates_[kind] * std::pow(ratio, part / 2), 1e-5, 1e4);
  }
}

}  // namespace lineshaft
