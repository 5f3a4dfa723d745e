#include "lineshaft/program/expression.h"

#include "lineshaft/base/error.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft {
namespace {

// As kCast converts: a number that an i64 does not reach, and NaN, give its smallest value.
int64_t whole(double value) {
  bool fits = value >= -0x1p63 && value < 0x1p63;
  return fits ? static_cast<int64_t>(value) : INT64_MIN;
}

}  // namespace

ProgramBuilder& builder_of(Expr x) {
  LS_REQUIRE(x.builder, "an expression names no value; take one that a ProgramBuilder gave");
  return *x.builder;
}

void ProgramBuilder::require_own(Expr value) const {
  LS_REQUIRE(value.builder == this, "an expression ", value.builder ? "is another builder's" : "names no value",
             "; a program takes those of its own builder");
}

Expr ProgramBuilder::append(Instruction instruction) {
  LS_REQUIRE(program_.code.size() < Program::kMaxInstructions, "a program passes the limit of ",
             Program::kMaxInstructions, " instructions");
  program_.code.push_back(instruction);
  return {this, static_cast<uint16_t>(program_.code.size() - 1), instruction.type};
}

Expr ProgramBuilder::input(DType storage) {
  auto number = static_cast<uint16_t>(program_.inputs.size());
  program_.inputs.push_back(storage);
  return append({Opcode::kLoad, compute_type(storage), number});
}

Expr ProgramBuilder::arg(DType type) {
  auto number = static_cast<uint16_t>(program_.args.size());
  program_.args.push_back(type);
  return append({Opcode::kArg, type, number});
}

Expr ProgramBuilder::constant(DType type, double value) {
  auto number = static_cast<uint16_t>(program_.constants.size());
  program_.constants.push_back(is_float(type) ? Scalar::of(value) : Scalar::of(whole(value)));
  return append({Opcode::kConst, type, number});
}

Expr ProgramBuilder::constant(DType type, int64_t value) {
  auto number = static_cast<uint16_t>(program_.constants.size());
  program_.constants.push_back(is_float(type) ? Scalar::of(static_cast<double>(value)) : Scalar::of(value));
  return append({Opcode::kConst, type, number});
}

Expr ProgramBuilder::index(int axis) {
  LS_REQUIRE(axis >= 0 && axis < kMaxRank, "the index along axis ", axis, " is asked for; axes are 0 to ",
             kMaxRank - 1);
  return append({Opcode::kIndex, DType::kI64, static_cast<uint16_t>(axis)});
}

Expr ProgramBuilder::linear() {
  return append({Opcode::kLinear, DType::kI64});
}

void ProgramBuilder::output(Expr value, DType storage) {
  require_own(value);
  program_.results.push_back(cast(value, compute_type(storage)).id);
  program_.outputs.push_back(storage);
}

Expr ProgramBuilder::emit(Opcode opcode, DType type, Expr a, Expr b, Expr c, uint16_t imm) {
  LS_REQUIRE(static_cast<int>(opcode) < kOpcodeCount, "opcode ", static_cast<int>(opcode), " is unknown");
  const Expr operands[] = {a, b, c};
  for (int i = 0; i < info_of(opcode).operands; ++i) require_own(operands[i]);
  return append({opcode, type, imm, a.id, b.id, c.id});
}

ProgramRef ProgramBuilder::finish() {
  return intern(program_);
}

Expr literal_like(Expr like, double value) {
  return builder_of(like).constant(like.type, value);
}

Expr select(Expr condition, Expr then, Expr otherwise) {
  return builder_of(condition).emit(Opcode::kSelect, then.type, condition, then, otherwise);
}

Expr cast(Expr x, DType type) {
  return x.type == type ? x : builder_of(x).emit(Opcode::kCast, type, x);
}

Expr narrow(Expr x, DType storage) {
  if (is_compute_type(storage)) return cast(x, storage);
  Expr wide = cast(x, compute_type(storage));
  return builder_of(x).emit(Opcode::kNarrow, wide.type, wide, {}, {}, static_cast<uint16_t>(storage));
}

Expr convert(Expr x, DType from, DType to) {
  if (from == to) return x;
  if (to == DType::kBool) return x != 0.0;
  if (is_compute_type(to)) return cast(x, to);
  return narrow(cast(x, compute_type(to)), to);
}

Expr bitcast(Expr x, DType type) {
  return builder_of(x).emit(Opcode::kBitcast, type, x);
}

Expr philox(Expr seed, Expr counter, int word) {
  LS_REQUIRE(word >= 0 && word < 4, "word ", word, " of four random words is asked for; they are 0 to 3");
  return builder_of(seed).emit(Opcode::kPhilox, DType::kI32, seed, counter, {}, static_cast<uint16_t>(word));
}

Expr uniform_from_bits(Expr bits) {
  return cast(shr_logical(bits, 8.0), DType::kF32) * 0x1p-24;
}

}  // namespace lineshaft
