// Estimates how long commands take on a device: their work (commands/work.h) times the measured time of such work so
// far. Once it has seen a kind of operation, the estimate is right to about a factor of two, which suffices to cut
// lists into turns.
#pragma once

#include <array>
#include <span>

#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// Nanoseconds by kind of operation. Commands that are not operations cost nothing.
struct Cost {
  double total = 0;
  std::array<double, kOpKindCount> by_kind{};

  void add(const Cost& other);
};

class CostModel {
 public:
  CostModel();
  Cost estimate(const Command& command) const;
  // Corrects the rates: work with this estimate has taken `ns`.
  void learn(const Cost& estimated, double ns);

 private:
  std::array<double, kOpKindCount> rates_;  // nanoseconds a unit of work
};

}  // namespace lineshaft
