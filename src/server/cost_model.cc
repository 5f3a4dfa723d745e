#include "server/cost_model.h"

#include <algorithm>
#include <cmath>

#include "commands/work.h"

namespace lineshaft {
namespace {

constexpr double kLaunch = 2000;  // nanoseconds that any operation takes
constexpr double kFirstRate = 0.5;
constexpr double kUploadRate = 0.2;  // nanoseconds a byte

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
  double units = work_of(command).units;
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
