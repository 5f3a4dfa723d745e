// A host tensor of numbers wide enough for every dtype: long double holds each f64 and each i64 exactly. What
// references compute with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::conformance {

using Number = long double;
using Shape = std::vector<int64_t>;

int64_t product(std::span<const int64_t> sizes);

struct Array {
  Shape shape;
  std::vector<Number> data;  // row-major

  Array() = default;
  explicit Array(Shape sizes, Number value = 0);
  explicit Array(std::span<const int64_t> sizes, Number value = 0) : Array(Shape(sizes.begin(), sizes.end()), value) {}

  int64_t size() const { return static_cast<int64_t>(data.size()); }
  int rank() const { return static_cast<int>(shape.size()); }
  int64_t index(std::span<const int64_t> at) const;
  Number& operator()(std::span<const int64_t> at) { return data[index(at)]; }
  Number operator()(std::span<const int64_t> at) const { return data[index(at)]; }
  template <class... I>
  Number& at(I... i) {
    const int64_t where[] = {static_cast<int64_t>(i)...};
    return data[index(where)];
  }
  template <class... I>
  Number at(I... i) const {
    const int64_t where[] = {static_cast<int64_t>(i)...};
    return data[index(where)];
  }
};

// Calls f(coordinates) for each position, in row-major order.
template <class F>
void for_each_position(std::span<const int64_t> sizes, F&& f) {
  Shape at(sizes.size(), 0);
  for (int64_t left = product(sizes); left > 0; --left) {
    f(static_cast<const Shape&>(at));
    for (size_t i = sizes.size(); i-- > 0;) {
      if (++at[i] < sizes[i]) break;
      at[i] = 0;
    }
  }
}

// What storing `value` as `dtype` and reading it back gives: rounded, or wrapped.
Number stored(Number value, DType dtype);

}  // namespace lineshaft::conformance
