#include "conformance/gradient.h"

namespace lineshaft::conformance {

Array differentiate(const std::function<Array(const Array&)>& f, const Array& x, const Array& weights) {
  constexpr Number kStep = 1e-6L;
  Array gradient(x.shape), moved = x;
  for (int64_t i = 0; i < x.size(); ++i) {
    moved.data[i] = x.data[i] + kStep;
    Array above = f(moved);
    moved.data[i] = x.data[i] - kStep;
    Array below = f(moved);
    moved.data[i] = x.data[i];
    for (int64_t k = 0; k < above.size(); ++k)
      gradient.data[i] += weights.data[k] * (above.data[k] - below.data[k]) / (2 * kStep);
  }
  return gradient;
}

double difference_units(DType dtype) {
  return dtype == DType::kF64 ? 1e8 : 128;
}

}  // namespace lineshaft::conformance
