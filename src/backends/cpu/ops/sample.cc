#include "ops/sample.h"

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
  while (true) {
    T x = uniforms.normal(), v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    T u = uniforms.next();
    if (u < 1 - T(0.0331) * (x * x) * (x * x)) return boost * (d * v);
    if (std::log(u) < T(0.5) * (x * x) + d * (1 - v + std::log(v))) return boost * (d * v);
  }
}

// The logarithm of Poisson's probability of `count`, `rate` at least 10, by Loader's saddle point (2000): no large
// terms cancel, so that f32 does.
template <class T>
T log_probability(T count, T rate) {
  constexpr T kLogFactorial[] = {T(0),
                                 T(0),
                                 T(0.69314718055994530942),
                                 T(1.7917594692280550008),
                                 T(3.1780538303479456197),
                                 T(4.7874917427820459943),
                                 T(6.5792512120101009951),
                                 T(8.5251613610654143002)};
  if (count < 8) return count * std::log(rate) - rate - kLogFactorial[static_cast<int>(count)];
  T inverse = 1 / count, square = inverse * inverse;
  T stirling = inverse * (T(1) / 12 - square * (T(1) / 360 - square * (T(1) / 1260 - square * (T(1) / 1680))));
  T difference = count - rate, sum = count + rate, deviance;
  if (std::abs(difference) < T(0.1) * sum) {
    T v = difference / sum, v_square = v * v, power = 2 * count * v;
    deviance = difference * v;
    for (int i = 1; i <= 12; ++i) {
      power *= v_square;
      deviance += power / static_cast<T>(2 * i + 1);
    }
  } else {
    deviance = count * std::log(count / rate) - difference;
  }
  return -stirling - deviance - T(0.5) * std::log(2 * std::numbers::pi_v<T> * count);
}

template <class T>
T poisson(T rate, Uniforms<T>& uniforms) {
  if (!(rate > 0)) return rate == 0 ? T{0} : std::numeric_limits<T>::quiet_NaN();
  if (std::isinf(rate)) return rate;
  if (rate < 10) {
    T limit = std::exp(-rate), product = uniforms.next();
    T count = 0;
    while (product > limit) {
      product *= uniforms.next();
      count += 1;
    }
    return count;
  }
  // Hoermann's PTRS (1993).
  T b = T(0.931) + T(2.53) * std::sqrt(rate), a = T(-0.059) + T(0.02483) * b;
  T inverse_alpha = T(1.1239) + T(1.1328) / (b - T(3.4)), squeeze = T(0.9277) - T(3.6224) / (b - 2);
  while (true) {
    T u = uniforms.next() - T(0.5), v = uniforms.next(), us = T(0.5) - std::abs(u);
    T count = std::floor((2 * a / us + b) * u + rate + T(0.43));
    if (us >= T(0.07) && v <= squeeze) return count;
    if (count < 0 || (us < T(0.013) && v > us)) continue;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= log_probability(count, rate)) return count;
  }
}

template <class T>
void sample(Context& context, const Sample& op) {
  Nest nest = make_nest({op.output, op.parameter});
  const T* parameter = context.data<T>(op.parameter);
  T* output = context.data<T>(op.output);
  int last = nest.rank ? nest.rank - 1 : 0;
  parallel_for(nest.numel(), 512, [&](int64_t begin, int64_t end) {
    int64_t element = begin;
    walk(nest, nest.rank, begin, end, INT64_MAX, [&](const int64_t* at, int64_t count) {
      for (int64_t i = 0; i < count; ++i, ++element) {
        Uniforms<T> uniforms(op.seed, static_cast<uint64_t>(op.offset) + (static_cast<uint64_t>(element) << 20));
        T given = parameter[at[1] + i * nest.strides[1][last]];
        output[at[0] + i * nest.strides[0][last]] =
            op.kind == SampleKind::kGamma ? gamma(given, uniforms) : poisson(given, uniforms);
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
