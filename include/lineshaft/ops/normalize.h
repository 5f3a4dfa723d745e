// normalize: batch, layer, group, instance and RMS normalization.
//
//   mean = mean of input over `axes`, rstd = 1 / sqrt(variance over `axes` (population) + eps)
//   output = epilogue((input - mean) * rstd * weight + bias, ...)
//
// kRms has no mean: rstd = 1 / sqrt(mean of input^2 + eps), output = epilogue(input * rstd * weight + bias, ...). Bit k
// of `axes` is set where axis k is normalized. The views decide which normalization it is: batch norm has axes {0, 2,
// ...} of [N, C, ...]; layer norm the last axes; group norm axes {2, 3} of [N, G, C/G, S]. weight and bias have the
// input's sizes, with stride 0 where they do not vary. mean and rstd are f32 (f64 for f64) and have the input's sizes
// with size 1 on `axes`. They are outputs; with use_statistics they are inputs, which the caller gives (so they are
// listed as inout).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class NormalizeKind : uint8_t { kStandard, kRms };
LINESHAFT_ENUM_NAMES(NormalizeKind, "standard", "rms")

struct Normalize {
  NormalizeKind kind = NormalizeKind::kStandard;
  uint8_t axes = 0;
  double eps = 1e-5;
  bool use_statistics = false;
  TensorView input;
  TensorView weight;  // optional
  TensorView bias;    // optional
  TensorView mean;    // absent for kRms
  TensorView rstd;
  TensorView output;
  Epilogue epilogue;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    v.param("axes", self.axes);
    v.param("eps", self.eps);
    v.param("use_statistics", self.use_statistics);
    v.input("input", self.input);
    v.input("weight", self.weight);
    v.input("bias", self.bias);
    v.inout("mean", self.mean);
    v.inout("rstd", self.rstd);
    v.output("output", self.output);
    Epilogue::fields(self.epilogue, v);
  }
};

LINESHAFT_EXPORT void validate(const Normalize& op);

}  // namespace lineshaft
