// For tests of formulas and programs: runs them on device 0 over small vectors.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

#include "frontend/tensor.h"
#include "lineshaft/frontend/map.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::test {

using Doubles = std::vector<double>;
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class T>
constexpr DType dtype_for() {
  if constexpr (std::is_same_v<T, double>) return DType::kF64;
  if constexpr (std::is_same_v<T, float>) return DType::kF32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::kI64;
  if constexpr (std::is_same_v<T, int32_t>) return DType::kI32;
  if constexpr (std::is_same_v<T, int8_t>) return DType::kI8;
  if constexpr (std::is_same_v<T, uint8_t>) return DType::kU8;
}

// A tensor of one axis that holds `values`.
template <class T>
Tensor vector_of(const std::vector<T>& values) {
  return {dtype_for<T>(), {static_cast<int64_t>(values.size())}, values};
}

// Runs a program into `outputs`; inputs broadcast to them.
inline void run(ProgramRef program, const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                const std::vector<Scalar>& args = {}) {
  std::vector<TensorRef> to(outputs.begin(), outputs.end()), from(inputs.begin(), inputs.end());
  record_map(stream(0), program, to, from, args);
}

// The one output, of T, of a program over vectors of one size, or of size 1.
template <class T>
std::vector<T> results(ProgramRef program, const std::vector<Tensor>& inputs, const std::vector<Scalar>& args = {}) {
  int64_t size = 1;
  for (const Tensor& input : inputs) size = std::max(size, input.ref().sizes[0]);
  Tensor out(program->outputs[0], {size});
  run(program, {out}, inputs, args);
  return out.values<T>();
}

// formula(operands...) in f64. Each operand is a Doubles, all of one size, or of size 1.
template <class F, class... Operands>
Doubles evaluate(F formula, const Operands&... operands) {
  ProgramBuilder p;
  std::array<Expr, sizeof...(Operands)> inputs;
  for (Expr& input : inputs) input = p.input(DType::kF64);
  p.output(std::apply(formula, inputs), DType::kF64);
  return results<double>(p.finish(), {vector_of<double>(operands)...});
}

// Equal but for the part `relative`. NaN equals NaN, and 0 equals -0.
inline void expect_close(const Doubles& got, const Doubles& wanted, double relative = 1e-12) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(wanted[i])) {
      EXPECT_TRUE(std::isnan(got[i])) << got[i] << " at " << i << " is a number";
    } else if (std::isinf(wanted[i])) {
      EXPECT_EQ(got[i], wanted[i]) << "at " << i;
    } else {
      EXPECT_NEAR(got[i], wanted[i], std::abs(wanted[i]) * relative) << "at " << i;
    }
  }
}

}  // namespace lineshaft::frontend::test
