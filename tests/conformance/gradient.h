// Gradients by central differences of a reference, in extended precision: what gradient operations are checked against.
#pragma once

#include <functional>

#include "conformance/array.h"

namespace lineshaft::conformance {

// The gradient of sum(weights * f(x)) with respect to x. f may be called 2 * x.size() times.
Array differentiate(const std::function<Array(const Array&)>& f, const Array& x, const Array& weights);

// How many roundings a gradient found this way may be off by.
double difference_units(DType dtype);

}  // namespace lineshaft::conformance
