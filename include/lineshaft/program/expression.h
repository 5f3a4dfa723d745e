// Builds programs with expressions that read like the formula:
//
//   ProgramBuilder p;
//   Expr x = p.input(DType::kF16);
//   p.output(x / (1.0 + exp(-x)), DType::kF16);   // silu
//   ProgramRef silu = p.finish();
//
// An Expr names a value of its builder and must not outlive the builder. A literal takes the type of the other operand.
// Both operands of an operator must have the same type; cast() converts. Using expressions of two builders together, or
// an Expr that no builder made, throws Error(kInvalidArgument). Types are checked by finish(). One thread at a time
// uses a builder.
#pragma once

#include <cstdint>

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft {

class ProgramBuilder;

struct Expr {
  ProgramBuilder* builder = nullptr;
  uint16_t id = 0;
  DType type = DType::kF32;
};

class LINESHAFT_EXPORT ProgramBuilder {
 public:
  // The next input, of a storage type. The value has the compute type of it.
  Expr input(DType storage);
  // The next run-time argument, of a compute type.
  Expr arg(DType type);
  // A literal of a compute type. A double for an integer type is converted to i64 as the opcode Cast converts it
  // (opcodes.def).
  Expr constant(DType type, double value);
  Expr constant(DType type, int64_t value);
  // The coordinate along `axis` of the iteration space, i64. Throws for an axis outside 0 to kMaxRank - 1.
  Expr index(int axis);
  // The row-major number of the element in the iteration space, i64.
  Expr linear();
  // Stores `value`, converted to compute_type(storage) first, as the next output.
  void output(Expr value, DType storage);

  Expr emit(Opcode opcode, DType type, Expr a, Expr b = {}, Expr c = {}, uint16_t imm = 0);

  // Validates and interns the program. Throws Error(kInvalidArgument) where operands have types that an opcode does not
  // take, or a limit of Program is exceeded. The builder must not be used afterwards.
  ProgramRef finish();

 private:
  Expr append(Instruction instruction);
  void require_own(Expr value) const;
  Program program_;
};

// The builder of an expression. Throws Error(kInvalidArgument) for an Expr that no builder made.
LINESHAFT_EXPORT ProgramBuilder& builder_of(Expr x);

// One function for each plain unary and binary opcode: floor(x), pow(x, y), ...
#define LINESHAFT_UNARY(function, opcode)                 \
  inline Expr function(Expr x) {                          \
    return builder_of(x).emit(Opcode::opcode, x.type, x); \
  }
LINESHAFT_UNARY(operator-, kNeg)
LINESHAFT_UNARY(abs, kAbs)
LINESHAFT_UNARY(sign, kSign)
LINESHAFT_UNARY(floor, kFloor)
LINESHAFT_UNARY(ceil, kCeil)
LINESHAFT_UNARY(trunc, kTrunc)
LINESHAFT_UNARY(round, kRound)
LINESHAFT_UNARY(sqrt, kSqrt)
LINESHAFT_UNARY(rsqrt, kRsqrt)
LINESHAFT_UNARY(exp, kExp)
LINESHAFT_UNARY(exp2, kExp2)
LINESHAFT_UNARY(expm1, kExpm1)
LINESHAFT_UNARY(log, kLog)
LINESHAFT_UNARY(log2, kLog2)
LINESHAFT_UNARY(log10, kLog10)
LINESHAFT_UNARY(log1p, kLog1p)
LINESHAFT_UNARY(sin, kSin)
LINESHAFT_UNARY(cos, kCos)
LINESHAFT_UNARY(tan, kTan)
LINESHAFT_UNARY(asin, kAsin)
LINESHAFT_UNARY(acos, kAcos)
LINESHAFT_UNARY(atan, kAtan)
LINESHAFT_UNARY(sinh, kSinh)
LINESHAFT_UNARY(cosh, kCosh)
LINESHAFT_UNARY(tanh, kTanh)
LINESHAFT_UNARY(asinh, kAsinh)
LINESHAFT_UNARY(acosh, kAcosh)
LINESHAFT_UNARY(atanh, kAtanh)
LINESHAFT_UNARY(erf, kErf)
LINESHAFT_UNARY(erfc, kErfc)
LINESHAFT_UNARY(erfinv, kErfinv)
LINESHAFT_UNARY(lgamma, kLgamma)
LINESHAFT_UNARY(digamma, kDigamma)
LINESHAFT_UNARY(operator~, kNot)
#undef LINESHAFT_UNARY

// A literal that takes the type of the expression beside it.
LINESHAFT_EXPORT Expr literal_like(Expr like, double value);

#define LINESHAFT_BINARY(function, opcode, result)           \
  inline Expr function(Expr x, Expr y) {                     \
    return builder_of(x).emit(Opcode::opcode, result, x, y); \
  }                                                          \
  inline Expr function(Expr x, double y) {                   \
    return function(x, literal_like(x, y));                  \
  }                                                          \
  inline Expr function(double x, Expr y) {                   \
    return function(literal_like(y, x), y);                  \
  }
LINESHAFT_BINARY(operator+, kAdd, x.type)
LINESHAFT_BINARY(operator-, kSub, x.type)
LINESHAFT_BINARY(operator*, kMul, x.type)
LINESHAFT_BINARY(operator/, kDiv, x.type)
LINESHAFT_BINARY(rem, kRem, x.type)
LINESHAFT_BINARY(min, kMin, x.type)
LINESHAFT_BINARY(max, kMax, x.type)
LINESHAFT_BINARY(pow, kPow, x.type)
LINESHAFT_BINARY(atan2, kAtan2, x.type)
LINESHAFT_BINARY(hypot, kHypot, x.type)
LINESHAFT_BINARY(copysign, kCopysign, x.type)
LINESHAFT_BINARY(nextafter, kNextafter, x.type)
LINESHAFT_BINARY(operator&, kAnd, x.type)
LINESHAFT_BINARY(operator|, kOr, x.type)
LINESHAFT_BINARY(operator^, kXor, x.type)
LINESHAFT_BINARY(operator<<, kShl, x.type)
LINESHAFT_BINARY(operator>>, kShr, x.type)
LINESHAFT_BINARY(shr_logical, kShrLogical, x.type)
LINESHAFT_BINARY(operator==, kEq, DType::kBool)
LINESHAFT_BINARY(operator!=, kNe, DType::kBool)
LINESHAFT_BINARY(operator<, kLt, DType::kBool)
LINESHAFT_BINARY(operator<=, kLe, DType::kBool)
#undef LINESHAFT_BINARY
inline Expr operator>(Expr x, Expr y) {
  return y < x;
}
inline Expr operator>(Expr x, double y) {
  return literal_like(x, y) < x;
}
inline Expr operator>=(Expr x, Expr y) {
  return y <= x;
}
inline Expr operator>=(Expr x, double y) {
  return literal_like(x, y) <= x;
}

LINESHAFT_EXPORT Expr select(Expr condition, Expr then, Expr otherwise);
inline Expr select(Expr condition, Expr then, double otherwise) {
  return select(condition, then, literal_like(then, otherwise));
}
inline Expr select(Expr condition, double then, Expr otherwise) {
  return select(condition, literal_like(otherwise, then), otherwise);
}

// x converted to a compute type, as the opcode Cast converts. A cast to the value's own type returns x.
LINESHAFT_EXPORT Expr cast(Expr x, DType type);
// x rounded (f16, bf16) or wrapped (i16, i8, u8) to a storage type and widened back to its compute type.
LINESHAFT_EXPORT Expr narrow(Expr x, DType storage);
LINESHAFT_EXPORT Expr bitcast(Expr x, DType type);
// A value of dtype `from` converted to dtype `to`, both any storage types. A float becomes an integer by truncation
// toward zero; anything becomes bool by "is not zero"; small floats are rounded and small integers wrap. x has
// compute_type(from), the result compute_type(to).
LINESHAFT_EXPORT Expr convert(Expr x, DType from, DType to);
inline Expr is_nan(Expr x) {
  return x != x;
}
// Word `word` (0 to 3) of Philox4x32-10 (Salmon et al., 2011) with key `seed` and counter `counter`, both i64; the
// result is i32. Throws Error(kInvalidArgument) for another word.
LINESHAFT_EXPORT Expr philox(Expr seed, Expr counter, int word);
// The upper 24 bits of `bits` (32 random bits, i32) as an f32 in [0, 1).
LINESHAFT_EXPORT Expr uniform_from_bits(Expr bits);

}  // namespace lineshaft
