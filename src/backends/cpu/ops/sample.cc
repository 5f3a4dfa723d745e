#include "lineshaft/ops/sample.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "backends/cpu/context.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"
#include "program/philox.h"

namespace lineshaft::cpu {
namespace {

// One element's stream of numbers in (0, 1): words in order, counter after counter. f32 takes one word for a number and
// f64 two, the low one first.
template <class T>
class Uniforms {
 public:
  Uniforms(int64_t seed, uint64_t counter) : seed_(seed), counter_(counter) {}

  T next() {
    if constexpr (std::is_same_v<T, float>)
      return (static_cast<float>(word() >> 9) + 0.5f) * 0x1p-23f;
    else {
      uint64_t low = word(), bits = low | static_cast<uint64_t>(word()) << 32;
      return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
    }
  }
  // Standard normal (Box and Muller, 1958).
  T normal() {
    T radius = std::sqrt(T{-2} * std::log(next()));
    return radius * std::cos(2 * std::numbers::pi_v<T> * next());
  }

 private:
  uint32_t word() {
    if (used_ == 4) {
      words_ = philox(seed_, static_cast<int64_t>(counter_++));
      used_ = 0;
    }
    return words_[used_++];
  }

  int64_t seed_;
  uint64_t counter_;  // goes on at 0 after 2^64 - 1
  PhiloxWords words_{};
  int used_ = 4;
};

constexpr int kTries = 256;  // two of three are kept at least: that none of so many is, no one will see

// Marsaglia and Tsang (2000).
template <class T>
T gamma(T shape, Uniforms<T>& uniforms) {
  if (!(shape > 0)) return shape == 0 ? T{0} : std::numeric_limits<T>::quiet_NaN();
  if (std::isinf(shape)) return shape;
  T boost = 1;
  if (shape < 1) {
    boost = std::pow(uniforms.next(), 1 / shape);
    shape += 1;
  }
  T d = shape - T{1} / 3, c = 1 / std::sqrt(9 * d);
  for (int tries = 0; tries < kTries; ++tries) {
    T x = uniforms.normal(), v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    T u = uniforms.next();
    if (u < 1 - T(0.0331) * (x * x) * (x * x)) return boost * (d * v);
    if (std::log(u) < T(0.5) * (x * x) + d * (1 - v + std::log(v))) return boost * (d * v);
  }
  return boost * d;
}

// What Stirling's formula leaves of log(count!): log(count!) - log(sqrt(2 pi count) (count / e)^count).
template <class T>
T stirling_rest(T count) {
  constexpr T kRest[] = {T(0),
                         T(0.081061466795327258220),
                         T(0.041340695955409294094),
                         T(0.027677925684998339149),
                         T(0.020790672103765093112),
                         T(0.016644691189821192163),
                         T(0.013876128823070747999),
                         T(0.011896709945891770095)};
  if (count < 8) return kRest[static_cast<int>(count)];
  T inverse = 1 / count, square = inverse * inverse;
  return inverse * (T(1) / 12 - square * (T(1) / 360 - square * (T(1) / 1260 - square * (T(1) / 1680))));
}

// count log(count / mean) + mean - count, without cancellation.
template <class T>
T deviance(T count, T mean) {
  T difference = count - mean, sum = count + mean;
  if (!(std::abs(difference) < T(0.1) * sum)) return count * std::log(count / mean) - difference;
  T v = difference / sum, v_square = v * v, power = 2 * count * v, result = difference * v;
  for (int i = 1; i <= 12; ++i) {
    power *= v_square;
    result += power / static_cast<T>(2 * i + 1);
  }
  return result;
}

// Logarithms of probabilities by Loader's saddle point (2000): no large terms cancel, so that f32 does.
template <class T>
T log_poisson(T count, T rate) {
  if (count == 0) return -rate;
  return -stirling_rest(count) - deviance(count, rate) - T(0.5) * std::log(2 * std::numbers::pi_v<T> * count);
}
template <class T>
T log_binomial(T count, T trials, T probability) {
  if (count == 0) return trials * std::log1p(-probability);
  if (count == trials) return trials * std::log(probability);
  T rest = trials - count;
  return stirling_rest(trials) - stirling_rest(count) - stirling_rest(rest) - deviance(count, trials * probability) -
         deviance(rest, trials * (1 - probability)) +
         T(0.5) * std::log(trials / (2 * std::numbers::pi_v<T> * count * rest));
}

template <class T>
T poisson(T rate, Uniforms<T>& uniforms) {
  if (!(rate > 0)) return rate == 0 ? T{0} : std::numeric_limits<T>::quiet_NaN();
  if (std::isinf(rate)) return rate;
  if (rate < 10) {
    T limit = std::exp(-rate), product = uniforms.next();
    T count = 0;
    for (int tries = 0; tries < kTries && product > limit; ++tries, product *= uniforms.next()) count += 1;
    return count;
  }
  // Hoermann's PTRS (1993).
  T b = T(0.931) + T(2.53) * std::sqrt(rate), a = T(-0.059) + T(0.02483) * b;
  T inverse_alpha = T(1.1239) + T(1.1328) / (b - T(3.4)), squeeze = T(0.9277) - T(3.6224) / (b - 2);
  for (int tries = 0; tries < kTries; ++tries) {
    T u = uniforms.next() - T(0.5), v = uniforms.next(), us = T(0.5) - std::abs(u);
    T count = std::floor((2 * a / us + b) * u + rate + T(0.43));
    if (us >= T(0.07) && v <= squeeze) return count;
    if (count < 0 || (us < T(0.013) && v > us)) continue;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= log_poisson(count, rate)) return count;
  }
  return std::floor(rate);
}

// Successes of `trials`, for a probability of one half at most.
template <class T>
T rare_successes(T trials, T probability, Uniforms<T>& uniforms) {
  T mean = trials * probability;
  if (mean < 10) {  // failures between successes are geometric
    T scale = 1 / std::log1p(-probability), used = 0, count = 0;
    for (int tries = 0; tries < kTries; ++tries) {
      used += std::ceil(std::log(uniforms.next()) * scale);
      if (!(used <= trials)) break;
      count += 1;
    }
    return count;
  }
  // Hoermann's BTRS (1993).
  T root = std::sqrt(mean * (1 - probability)), b = T(1.15) + T(2.53) * root;
  T a = T(-0.0873) + T(0.0248) * b + T(0.01) * probability, c = mean + T(0.5), squeeze = T(0.92) - T(4.2) / b;
  T alpha = (T(2.83) + T(5.1) / b) * root, mode = std::floor((trials + 1) * probability);
  T log_mode = log_binomial(mode, trials, probability);
  for (int tries = 0; tries < kTries; ++tries) {
    T u = uniforms.next() - T(0.5), v = uniforms.next(), us = T(0.5) - std::abs(u);
    T count = std::floor((2 * a / us + b) * u + c);
    if (count < 0 || count > trials) continue;
    if (us >= T(0.07) && v <= squeeze) return count;
    if (std::log(v * alpha / (a / (us * us) + b)) <= log_binomial(count, trials, probability) - log_mode) return count;
  }
  return mode;
}

template <class T>
T binomial(T trials, T probability, Uniforms<T>& uniforms) {
  if (std::isnan(trials) || std::isnan(probability)) return trials + probability;
  trials = std::floor(trials);
  if (trials <= 0 || probability <= 0) return 0;
  if (probability >= 1 || std::isinf(trials)) return trials;
  if (probability <= T(0.5)) return rare_successes(trials, probability, uniforms);
  return trials - rare_successes(trials, 1 - probability, uniforms);
}

template <class T>
T draw(SampleKind kind, T parameter, T probability, Uniforms<T>& uniforms) {
  switch (kind) {
    case SampleKind::kGamma:
      return gamma(parameter, uniforms);
    case SampleKind::kPoisson:
      return poisson(parameter, uniforms);
    case SampleKind::kBinomial:
      return binomial(parameter, probability, uniforms);
  }
  return 0;
}

template <class T>
void sample(Context& context, const Sample& op) {
  const TensorView& second = op.probability ? op.probability : op.parameter;
  Nest nest = make_nest({op.output, op.parameter, second});
  const T *parameter = context.data<T>(op.parameter), *probability = context.data<T>(second);
  T* output = context.data<T>(op.output);
  int last = nest.rank ? nest.rank - 1 : 0;
  parallel_for(nest.numel(), 512, [&](int64_t begin, int64_t end) {
    int64_t element = begin;
    walk(nest, nest.rank, begin, end, INT64_MAX, [&](const int64_t* at, int64_t count) {
      for (int64_t i = 0; i < count; ++i, ++element) {
        Uniforms<T> uniforms(op.seed,
                             static_cast<uint64_t>(op.offset) + static_cast<uint64_t>(element * kSampleCounters));
        output[at[0] + i * nest.strides[0][last]] = draw(op.kind, parameter[at[1] + i * nest.strides[1][last]],
                                                         probability[at[2] + i * nest.strides[2][last]], uniforms);
      }
    });
  });
}

}  // namespace

void run(Context& context, const Sample& op) {
  if (op.output.numel() == 0) return;
  if (op.output.dtype == DType::kF64)
    sample<double>(context, op);
  else
    sample<float>(context, op);
}

}  // namespace lineshaft::cpu
