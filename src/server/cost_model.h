// How long commands take on a device: what they touch or multiply, times what such work has taken so far. Good to
// about a factor of two once it has seen a kind of operation, which is what it takes to cut lists into turns.
#pragma once

#include <array>
#include <span>

#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// Nanoseconds by kind of operation; what is no operation counts as none.
struct Cost {
  double total = 0;
  std::array<double, kOpKindCount> by_kind{};

  void add(const Cost& other);
};

class CostModel {
 public:
  CostModel();
  Cost estimate(const Command& command) const;
  // Work that was estimated so has taken `ns`.
  void learn(const Cost& estimated, double ns);

 private:
  std::array<double, kOpKindCount> rates_;  // nanoseconds a unit of work
};

}  // namespace lineshaft
