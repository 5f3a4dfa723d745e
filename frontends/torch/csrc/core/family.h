// Registers a row of an elementwise table with all its variants. A row is a type with `info` (an Elementwise).
#pragma once

#include "csrc/core/elementwise.h"
#include "csrc/core/kernel.h"

namespace lineshaft::torch {

template <class Row>
struct Variants {
  static ProgramCache& cache() {
    static auto* made = new ProgramCache;
    return *made;
  }
  static at::Tensor unary(const at::Tensor& a) { return run_unary(Row::info, cache(), a, nullptr, true); }
  static at::Tensor& unary_out(const at::Tensor& a, at::Tensor& out) {
    run_unary(Row::info, cache(), a, &out, true);
    return out;
  }
  static at::Tensor& unary_in_place(at::Tensor& a) {
    run_unary(Row::info, cache(), a, &a, false);
    return a;
  }
  static at::Tensor binary(const at::Tensor& a, const at::Tensor& b) {
    return run_binary(Row::info, cache(), a, b, nullptr, true);
  }
  static at::Tensor& binary_out(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
    run_binary(Row::info, cache(), a, b, &out, true);
    return out;
  }
  static at::Tensor& binary_in_place(at::Tensor& a, const at::Tensor& b) {
    run_binary(Row::info, cache(), a, b, &a, false);
    return a;
  }
  static at::Tensor number(const at::Tensor& a, const at::Scalar& b) {
    return run_binary(Row::info, cache(), a, b, nullptr, true);
  }
  static at::Tensor& number_out(const at::Tensor& a, const at::Scalar& b, at::Tensor& out) {
    run_binary(Row::info, cache(), a, b, &out, true);
    return out;
  }
  static at::Tensor& number_in_place(at::Tensor& a, const at::Scalar& b) {
    run_binary(Row::info, cache(), a, b, &a, false);
    return a;
  }
  static at::Tensor scaled(const at::Tensor& a, const at::Tensor& b, const at::Scalar& alpha) {
    return run_scaled(Row::info, cache(), a, b, alpha, nullptr, true);
  }
  static at::Tensor& scaled_out(const at::Tensor& a, const at::Tensor& b, const at::Scalar& alpha, at::Tensor& out) {
    run_scaled(Row::info, cache(), a, b, alpha, &out, true);
    return out;
  }
  static at::Tensor& scaled_in_place(at::Tensor& a, const at::Tensor& b, const at::Scalar& alpha) {
    run_scaled(Row::info, cache(), a, b, alpha, &a, false);
    return a;
  }
};

inline std::string join(const char* name, const char* suffix) {
  return concat(name, suffix);
}

// name, name.out, name_
template <class Row>
void implement_unary(::torch::Library& m) {
  using V = Variants<Row>;
  const char* name = Row::info.name;
  implement<&V::unary>(m, name);
  implement<&V::unary_out>(m, join(name, ".out").c_str());
  implement<&V::unary_in_place>(m, join(name, "_").c_str());
}

// How an operator's overloads of two tensors are named: atan2 and atan2.out, or eq.Tensor and eq.Tensor_out.
struct Overloads {
  const char* functional;
  const char* out;
  const char* in_place;  // null: there is none
};
inline constexpr Overloads kPlain{"", ".out", "_"};
inline constexpr Overloads kTensor{".Tensor", ".out", "_.Tensor"};
inline constexpr Overloads kTensorOut{".Tensor", ".Tensor_out", "_.Tensor"};
inline constexpr Overloads kNoInPlace{"", ".out", nullptr};

template <class Row>
void implement_binary(::torch::Library& m, Overloads overloads = kPlain) {
  using V = Variants<Row>;
  const char* name = Row::info.name;
  implement<&V::binary>(m, join(name, overloads.functional).c_str());
  implement<&V::binary_out>(m, join(name, overloads.out).c_str());
  if (overloads.in_place) implement<&V::binary_in_place>(m, join(name, overloads.in_place).c_str());
}

// name.Scalar, name.Scalar_out, name_.Scalar
template <class Row>
void implement_number(::torch::Library& m, Overloads overloads = {".Scalar", ".Scalar_out", "_.Scalar"}) {
  using V = Variants<Row>;
  const char* name = Row::info.name;
  implement<&V::number>(m, join(name, overloads.functional).c_str());
  implement<&V::number_out>(m, join(name, overloads.out).c_str());
  if (overloads.in_place) implement<&V::number_in_place>(m, join(name, overloads.in_place).c_str());
}

// add and sub: name.Tensor, name.out, name_.Tensor with alpha
template <class Row>
void implement_scaled(::torch::Library& m) {
  using V = Variants<Row>;
  const char* name = Row::info.name;
  implement<&V::scaled>(m, join(name, ".Tensor").c_str());
  implement<&V::scaled_out>(m, join(name, ".out").c_str());
  implement<&V::scaled_in_place>(m, join(name, "_.Tensor").c_str());
}

}  // namespace lineshaft::torch
