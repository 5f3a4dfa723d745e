// The loading of operands and the storing of results in elementwise programs, for any rules of type promotion. The
// framework's rules give the dtype in which the program computes and the dtype of its result; both may differ from the
// dtypes of the tensors in memory.
//
//   static ProgramCache cache;  // of this formula
//   std::array operands{ElementwiseOperand::tensor(DType::kI32), ElementwiseOperand::number()};
//   // A tensor of i32, taken as f16, and a number beside it, argument(2.5, DType::kF16); into a tensor of f32.
//   ProgramRef program = elementwise_program(cache, operands, DType::kF16, DType::kF16, DType::kF32,
//                                            [](Expr x, Expr y) { return x * y; });
#pragma once

#include <array>
#include <tuple>

#include "lineshaft/base/export.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend {

// The next input, of dtype `storage`, converted to dtype `compute`, and so rounded or wrapped as a tensor of that dtype
// would be. Both may be any dtypes; the value has compute_type(compute).
LINESHAFT_EXPORT Expr load_operand(ProgramBuilder& p, DType storage, DType compute);
// The next run-time argument, rounded as an element of a tensor of dtype `compute` would be. The caller gives it as
// argument(number, compute) (frontend/map.h). For a number that is not rounded to `compute`, use
// p.arg(compute_type(compute)) instead.
LINESHAFT_EXPORT Expr load_number(ProgramBuilder& p, DType compute);
// Stores the next output, of dtype `storage`: `value` is rounded to dtype `result` first and then converted. So a
// tensor of another dtype gets the same result as a new tensor of dtype `result`, converted.
LINESHAFT_EXPORT void store_result(ProgramBuilder& p, Expr value, DType result, DType storage);

// An operand of an elementwise program: a tensor of dtype `storage`, or a number. It is taken in the dtype `compute`,
// as by load_operand and load_number; an exact one in compute_type(compute), so that it is not rounded to a half type.
class LINESHAFT_EXPORT ElementwiseOperand {
 public:
  static constexpr ElementwiseOperand tensor(DType storage) { return {static_cast<uint8_t>(storage), false}; }
  static constexpr ElementwiseOperand exact_tensor(DType storage) { return {static_cast<uint8_t>(storage), true}; }
  static constexpr ElementwiseOperand number() { return {kNumber, false}; }
  static constexpr ElementwiseOperand exact_number() { return {kNumber, true}; }

  // The next input, or for a number the next argument.
  Expr load(ProgramBuilder& p, DType compute) const;
  // What tells it from others in a program's key, below 16, and whether it is exact.
  constexpr uint8_t code() const { return code_; }
  constexpr bool exact() const { return exact_; }

 private:
  static constexpr uint8_t kNumber = 15;  // in place of a dtype
  static_assert(kDTypeCount <= kNumber);
  constexpr ElementwiseOperand(uint8_t code, bool exact) : code_(code), exact_(exact) {}

  uint8_t code_;
  bool exact_;
};

// The program formula(operands...), computed in the dtype `compute`, with the result in the dtype `result`, into a
// tensor of dtype `storage`. `formula` takes as many expressions of compute_type(compute) as there are operands and
// gives one. Tensors are the program's inputs and numbers its arguments, in the order of `operands`. `cache` belongs to
// the formula: programs in it differ by what is given here alone.
template <size_t n, class Formula>
ProgramRef elementwise_program(ProgramCache& cache, const std::array<ElementwiseOperand, n>& operands, DType compute,
                               DType result, DType storage, Formula&& formula) {
  static_assert(n <= 10, "a program's key has room for 10 operands");
  uint64_t key = key_of(compute, result, storage), exact = 0;
  for (const ElementwiseOperand& operand : operands) {
    key = key << 4 | operand.code();
    exact = exact << 1 | operand.exact();
  }
  return cache.get(key << n | exact, [&](ProgramBuilder& p) {
    std::array<Expr, n> values;
    for (size_t i = 0; i < n; ++i) values[i] = operands[i].load(p, compute);
    store_result(p, std::apply(formula, values), result, storage);
  });
}

}  // namespace lineshaft::frontend
