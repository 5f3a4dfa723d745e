// sample: random numbers that need rejection. Element i (row-major) draws uniforms from Philox with key `seed` and
// counters offset + i * kSampleCounters + 0, 1, 2, ...: the same numbers on every device. Words are used in order: an
// f32 uniform is (w >> 9) + 0.5 over 2^23 of one word, an f64 one (w >> 12) + 0.5 over 2^52 of two, the low word first.
// kGamma: shape parameter `parameter`, scale 1 (Marsaglia and Tsang, 2000; below 1 boosted by U^(1/a)). kPoisson: rate
// `parameter` (Knuth's product below 10, Hoermann's transformed rejection PTRS, 1993, above). kBinomial: `parameter`
// trials, rounded down, of probability `probability` (sums of geometric numbers where the mean is below 10, Hoermann's
// BTRS, 1993, above; above one half the failures are drawn); outside 0..1 it counts as the nearer end. Rejection goes
// on for 256 tries at most and then gives the mean, which happens with a probability below 2^-400.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

inline constexpr int64_t kSampleCounters = 1024;  // more than an element uses

enum class SampleKind : uint8_t { kGamma, kPoisson, kBinomial };
LINESHAFT_ENUM_NAMES(SampleKind, "gamma", "poisson", "binomial")

struct Sample {
  SampleKind kind = SampleKind::kGamma;
  int64_t seed = 0;
  int64_t offset = 0;
  TensorView parameter;    // f32 or f64; the output's sizes
  TensorView probability;  // kBinomial only; as the parameter
  TensorView output;       // the parameter's dtype

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    argument(v, "seed", self.seed);
    argument(v, "offset", self.offset);
    v.input("parameter", self.parameter);
    v.input("probability", self.probability);
    v.output("output", self.output);
  }
};

LINESHAFT_EXPORT void validate(const Sample& op);

}  // namespace lineshaft
