#include "lineshaft/ops/check.h"

#include "ops/operands.h"

namespace lineshaft {

const char* text_of(Requirement requirement) {
  switch (requirement) {
    case Requirement::kWeights:
      return "probability tensor contains either `inf`, `nan` or element < 0";
    case Requirement::kWeightSum:
      return "invalid multinomial distribution (sum of probabilities <= 0)";
    case Requirement::kProbability:
      return "all probabilities should be between 0 and 1";
    case Requirement::kDeviation:
      return "normal expects all elements of std >= 0.0";
    case Requirement::kUnitInput:
      return "all elements of input should be between 0 and 1";
    case Requirement::kUnitTarget:
      return "all elements of target should be between 0 and 1";
    case Requirement::kRate:
      return "invalid Poisson rate, expected rate to be non-negative";
    case Requirement::kLabels:
      return "target is out of range: a label is a class, from 0 to one less than the classes that input has, or -1 "
             "after the last label";
  }
  return "a requirement is not met";
}

void validate(const Check& op) {
  require_memory(op);
  LS_REQUIRE(is_valid(op.requirement), "requirement ", static_cast<int>(op.requirement), " is unknown");
  require_present("condition", op.condition);
  require_dtype("condition", op.condition, DType::kBool);
}

}  // namespace lineshaft
