// check: what values must be for an operator's result to mean something, found by the device.
//
//   Error(kInvalidArgument, text_of(requirement)) at the next wait unless every element of `condition` is true
//
// It writes nothing, and what follows runs all the same: an operator whose result a bad value would spoil records it
// beside its own work, as a kernel reports an index outside its bound.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class Requirement : uint8_t {
  kWeights,      // of a draw: finite and not negative
  kWeightSum,    // of a draw: not all 0
  kProbability,  // between 0 and 1
  kDeviation,    // standard deviations: not negative
  kUnitInput,    // a loss's input between 0 and 1
  kUnitTarget,   // a loss's target between 0 and 1
  kRate,         // of Poisson's distribution: not negative
  kLabels,       // of multilabel losses: classes, or -1 after the last one
};
LINESHAFT_ENUM_NAMES(Requirement, "weights", "weight_sum", "probability", "deviation", "unit_input", "unit_target",
                     "rate", "labels")

// What an error says of it, in PyTorch's words.
LINESHAFT_EXPORT const char* text_of(Requirement requirement);

struct Check {
  Requirement requirement = Requirement::kWeights;
  TensorView condition;  // bool, of any sizes

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("requirement", self.requirement);
    v.input("condition", self.condition);
  }
};

LINESHAFT_EXPORT void validate(const Check& op);

}  // namespace lineshaft
