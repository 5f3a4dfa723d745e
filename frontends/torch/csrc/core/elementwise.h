// The engine of the table-driven families: elementwise operators of one or two operands, given as a formula and a rule
// of promotion.
//
//   struct Atan2 : Binary<Promotion::kFloat> { static Expr value(Expr a, Expr b) { return atan2(a, b); } };
//   implement_binary<Atan2>(m, "atan2");   // atan2, atan2.out, atan2_
#pragma once

#include "csrc/core/map.h"
#include "csrc/core/promote.h"

namespace lineshaft::torch {

enum class Promotion : uint8_t {
  kCommon,      // computed and returned in the common dtype
  kFloat,       // as kCommon; integers become floats
  kComparison,  // computed in the common dtype, returns bool
  kLogical,     // computed in bool, returns bool
};

// An operand: a tensor, or a number that becomes a run-time argument.
class Operand {
 public:
  Operand(const at::Tensor& tensor);                      // NOLINT: a CPU tensor of no dimensions is taken as a number
  Operand(const at::Scalar& number) : number_(number) {}  // NOLINT
  const at::Tensor* tensor() const { return tensor_; }    // null for a number
  const at::Tensor* typed() const {
    return typed_;
  }  // what counts in promotion: the tensor, on whatever device; null for a number
  const at::Scalar& number() const { return number_; }

 private:
  const at::Tensor* tensor_ = nullptr;
  const at::Tensor* typed_ = nullptr;
  at::Scalar number_;
};

struct Elementwise {
  const char* name;
  Promotion promotion;
  Expr (*unary)(Expr) = nullptr;
  Expr (*binary)(Expr, Expr) = nullptr;
  // Throws for dtypes that the operator refuses; null takes all.
  void (*check)(const char* name, c10::ScalarType common) = nullptr;
  // A number that the common dtype cannot hold is refused; otherwise it wraps, as a tensor's elements do.
  bool checks_numbers = false;
  // A number takes part as exactly as the program computes, where PyTorch does so; otherwise it is rounded to the
  // common dtype first, as a tensor's elements are.
  bool exact_numbers = false;
  // Throws for operands that the operator refuses, whatever their common dtype.
  void (*check_operands)(const Operand& a, const Operand& b) = nullptr;
  // A second tensor of one element is not rounded to the half type in which the rest is computed, where PyTorch's
  // devices do so: the number of elements of a mean may pass what f16 holds.
  bool exact_single = false;
  // How the result of tensors alone, and of a tensor and a number, goes to `out`.
  Stored tensors_out = Stored::kCast, number_out = Stored::kCast;
};

// Computes into `out`, or into a new tensor when it is null, and returns it. `resize` gives `out` the result's shape;
// otherwise it must have it.
at::Tensor run_binary(const Elementwise& op, ProgramCache& cache, const Operand& a, const Operand& b,
                      const at::Tensor* out, bool resize);
// a op (alpha * b): add and sub.
at::Tensor run_scaled(const Elementwise& op, ProgramCache& cache, const Operand& a, const Operand& b,
                      const at::Scalar& alpha, const at::Tensor* out, bool resize);
at::Tensor run_unary(const Elementwise& op, ProgramCache& cache, const at::Tensor& a, const at::Tensor* out,
                     bool resize);

// Checks for tables.
void refuse_bool(const char* name, c10::ScalarType common);
void require_integral(const char* name, c10::ScalarType common);  // integers and bool
void require_floating(const char* name, c10::ScalarType common);

}  // namespace lineshaft::torch
