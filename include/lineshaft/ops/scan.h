// scan: a running reduction along one axis, output[i] = reduction of input[0..i].
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class ScanKind : uint8_t {
  kSum,  // integers accumulate in i64, floats with at least f64's accuracy; each output is rounded by itself
  kProd,
  kMax,  // `indices`: the position of the last of the largest values so far; NaN wins
  kMin,
  kLogSumExp,
};
LINESHAFT_ENUM_NAMES(ScanKind, "sum", "prod", "max", "min", "logsumexp")

struct Scan {
  ScanKind kind = ScanKind::kSum;
  int32_t axis = 0;
  bool reverse = false;  // from the end of the axis
  TensorView input;
  TensorView output;   // the sizes of `input`; kMax and kMin: its dtype too
  TensorView indices;  // optional, kMax and kMin only: i64

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    v.param("axis", self.axis);
    v.param("reverse", self.reverse);
    v.input("input", self.input);
    v.output("output", self.output);
    v.output("indices", self.indices);
  }
};

LINESHAFT_EXPORT void validate(const Scan& op);

}  // namespace lineshaft
