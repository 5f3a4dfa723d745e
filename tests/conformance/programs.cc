#include "conformance/programs.h"

#include "lineshaft/program/expression.h"

namespace lineshaft::conformance {
namespace {

constexpr Opcode kFloatUnary[] = {Opcode::kNeg,   Opcode::kAbs,   Opcode::kSign,
                                  Opcode::kFloor, Opcode::kTrunc, Opcode::kRound};
constexpr Opcode kFloatBinary[] = {Opcode::kAdd, Opcode::kSub, Opcode::kMul,
                                   Opcode::kMin, Opcode::kMax, Opcode::kCopysign};
constexpr Opcode kIntegerUnary[] = {Opcode::kNeg, Opcode::kAbs, Opcode::kSign, Opcode::kNot};
constexpr Opcode kIntegerBinary[] = {Opcode::kAdd, Opcode::kSub, Opcode::kMul,       Opcode::kDiv, Opcode::kRem,
                                     Opcode::kMin, Opcode::kMax, Opcode::kAnd,       Opcode::kOr,  Opcode::kXor,
                                     Opcode::kShl, Opcode::kShr, Opcode::kShrLogical};
constexpr Opcode kTruthBinary[] = {Opcode::kAnd, Opcode::kOr, Opcode::kXor};
constexpr Opcode kComparisons[] = {Opcode::kEq, Opcode::kNe, Opcode::kLt, Opcode::kLe};

class Builder {
 public:
  Builder(Bench& bench, std::span<const DType> inputs, int rank) : bench_(bench) {
    for (DType dtype : inputs) values_.push_back(p_.input(dtype));
    if (rank > 0 && bench.chance(0.3)) values_.push_back(p_.index(static_cast<int>(bench.uniform(0, rank - 1))));
    if (bench.chance(0.3) || values_.empty()) values_.push_back(p_.linear());
    if (bench.chance(0.5)) {
      DType type = bench.pick({DType::kF32, DType::kI64, DType::kI32, DType::kF64, DType::kBool});
      values_.push_back(p_.arg(type));
      args_.push_back(is_float(type) ? Scalar::of(static_cast<double>(bench.uniform(-8, 8)) / 4)
                                     : Scalar::of(type == DType::kBool ? bench.uniform(0, 1) : bench.uniform(-5, 5)));
    }
  }

  void grow() {
    Expr x = any();
    if (x.type == DType::kBool) {
      Expr y = like(x);
      if (bench_.chance(0.4)) return select_like(x);
      return add(p_.emit(one_of(kTruthBinary), DType::kBool, x, y));
    }
    if (bench_.chance(0.15)) return add(p_.emit(one_of(kComparisons), DType::kBool, x, like(x)));
    if (bench_.chance(0.15)) return add(convert(x));
    bool unary = bench_.chance(0.3);
    Opcode opcode = is_float(x.type) ? (unary ? one_of(kFloatUnary) : one_of(kFloatBinary))
                                     : (unary ? one_of(kIntegerUnary) : one_of(kIntegerBinary));
    add(p_.emit(opcode, x.type, x, unary ? Expr{} : like(x)));
  }

  RandomProgram finish(std::span<const DType> outputs) {
    for (DType dtype : outputs) {
      Expr x = any();
      DType type = compute_type(dtype);
      p_.output(is_float(x.type) && is_int(type) ? cast(tamed(x), type) : x, dtype);
    }
    return {p_.finish(), args_};
  }

 private:
  template <size_t N>
  Opcode one_of(const Opcode (&list)[N]) {
    return list[bench_.uniform(0, N - 1)];
  }
  Expr any() { return values_[bench_.uniform(0, static_cast<int64_t>(values_.size()) - 1)]; }
  void add(Expr x) { values_.push_back(x); }
  // Inside what every integer type holds, and no NaN: casts from floats beyond are not specified.
  Expr tamed(Expr x) { return select(is_nan(x), 0.0, min(max(x, -100.0), 100.0)); }
  Expr convert(Expr x) {
    DType type = bench_.pick({DType::kF32, DType::kI64, DType::kI32, DType::kBool, DType::kF64});
    if (is_float(x.type) && is_int(type)) return cast(tamed(x), type);
    if (is_float(type) && x.type == DType::kI64) x = cast(x, DType::kI32);  // large i64 round in two ways
    if (bench_.chance(0.3)) {
      DType storage = bench_.pick({DType::kF16, DType::kBF16, DType::kI8, DType::kI16, DType::kU8});
      if (is_float(x.type) == is_float(storage) && x.type != DType::kBool)
        return narrow(cast(x, compute_type(storage)), storage);
    }
    return cast(x, type);
  }
  // A value of x's type.
  Expr like(Expr x) {
    for (int tries = 0; tries < 4; ++tries) {
      Expr y = any();
      if (y.type == x.type) return y;
    }
    return is_float(x.type)
               ? p_.constant(x.type, static_cast<double>(bench_.uniform(-8, 8)) / 4)
               : p_.constant(x.type, x.type == DType::kBool ? bench_.uniform(0, 1) : bench_.uniform(-5, 40));
  }
  void select_like(Expr condition) {
    Expr y = any();
    add(select(condition, y, like(y)));
  }

  Bench& bench_;
  ProgramBuilder p_;
  std::vector<Expr> values_;
  std::vector<Scalar> args_;
};

}  // namespace

RandomProgram exact_program(Bench& bench, std::span<const DType> inputs, std::span<const DType> outputs, int rank,
                            int instructions) {
  Builder builder(bench, inputs, rank);
  for (int i = 0; i < instructions; ++i) builder.grow();
  return builder.finish(outputs);
}

RandomProgram epilogue_program(Bench& bench, DType result, std::span<const DType> extra, DType output) {
  ProgramBuilder p;
  std::vector<Scalar> args;
  Expr value = p.input(result);
  for (DType dtype : extra) {
    Expr other = cast(p.input(dtype), value.type);
    value = bench.chance(0.5) ? value + other : max(value, other);
  }
  if (bench.chance(0.5)) {
    value = value * p.arg(value.type);
    args.push_back(is_float(value.type) ? Scalar::of(0.5) : Scalar::of(int64_t{3}));
  }
  if (bench.chance(0.5)) value = max(value, 0.0);
  p.output(value, output);
  return {p.finish(), args};
}

}  // namespace lineshaft::conformance
