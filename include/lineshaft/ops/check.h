// check: a condition on values, such as probabilities between 0 and 1, that the device checks.
//
//   Error(kInvalidArgument, text_of(requirement)) at the next wait unless every element of `condition` is true
//
// It writes nothing, and commands after it run in any case. An operator whose result would be meaningless for some
// values records a check together with its own operations.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class Requirement : uint8_t {
  kWeights,      // of multinomial sampling: finite and not negative
  kWeightSum,    // of multinomial sampling: not all 0
  kProbability,  // between 0 and 1
  kDeviation,    // standard deviations: not negative
  kUnitInput,    // a loss's input between 0 and 1
  kUnitTarget,   // a loss's target between 0 and 1
  kRate,         // of Poisson's distribution: not negative
  kLabels,       // of multilabel losses: classes, or -1 after the last one
};
LINESHAFT_ENUM_NAMES(Requirement, "weights", "weight_sum", "probability", "deviation", "unit_input", "unit_target",
                     "rate", "labels")

// The text of the error, in PyTorch's words. A string that is never freed.
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
