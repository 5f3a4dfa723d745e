// sample: random numbers of distributions that are sampled by rejection. Element i (row-major) draws uniform numbers
// from Philox with key `seed` and counters offset + i * kSampleCounters + 0, 1, 2, ...: the same numbers on every
// device. The words of a counter are used in order. A uniform f32 is ((w >> 9) + 0.5) / 2^23 for one word w; a uniform
// f64 is ((w >> 12) + 0.5) / 2^52, where w is two words, the low one first. kGamma: the shape a is `parameter`, the
// scale 1 (Marsaglia and Tsang, 2000; for a below 1, a number of shape a + 1 is multiplied by U^(1/a)). kPoisson: the
// rate is `parameter` (Knuth's product of uniforms for a rate below 10, else Hoermann's transformed rejection PTRS,
// 1993). kBinomial: `parameter` trials, rounded down, with success probability `probability`, clamped to 0..1 (sums of
// geometric numbers where the mean is below 10, else Hoermann's BTRS, 1993; for a probability above one half, failures
// are drawn). After 256 rejected tries the result is the mean; the probability of that is below 2^-400.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

inline constexpr int64_t kSampleCounters = 1024;  // more than an element uses
// The counters that an output of `numel` elements takes.
constexpr int64_t sample_counters(int64_t numel) {
  return numel * kSampleCounters;
}

enum class SampleKind : uint8_t { kGamma, kPoisson, kBinomial };
LINESHAFT_ENUM_NAMES(SampleKind, "gamma", "poisson", "binomial")

struct Sample {
  SampleKind kind = SampleKind::kGamma;
  int64_t seed = 0;
  int64_t offset = 0;
  TensorView parameter;    // f32 or f64; may be the output itself
  TensorView probability;  // for kBinomial only; the parameter's sizes and dtype
  TensorView output;       // the parameter's sizes and dtype

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
