// Programs: straight-line code over scalars in static single assignment form. `map` runs one for each element;
// prologues and epilogues of other operations are programs too. A program holds structure only: dtypes, instructions
// and literal constants. Learning rates, seeds, offsets and sizes are run-time arguments, so nothing is compiled again
// from step to step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/base/hash.h"
#include "lineshaft/tensor/dtype.h"

namespace lineshaft {

enum class Opcode : uint8_t {
#define LINESHAFT_OPCODE(name, text, operands, kinds) k##name,
#include "lineshaft/program/opcodes.def"
};

#define LINESHAFT_OPCODE(name, text, operands, kinds) +1
inline constexpr int kOpcodeCount = 0
#include "lineshaft/program/opcodes.def"
    ;

struct OpcodeInfo {
  const char* name;
  int operands;
  const char* kinds;
};
LINESHAFT_EXPORT const OpcodeInfo& info_of(Opcode opcode);

// Value i of a program is the result of instruction i. a, b and c are the numbers of earlier instructions whose results
// are the operands; `imm` is a number whose meaning opcodes.def gives for each opcode. Unused fields are 0.
struct Instruction {
  Opcode opcode = Opcode::kConst;
  DType type = DType::kF32;  // type of the result: a compute type
  uint16_t imm = 0;
  uint16_t a = 0, b = 0, c = 0;
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

// A run-time argument or a constant, as 64 bits. f32 and f64 are both held as f64; i64, i32 and bool are held as i64.
// So a caller need not know which of them the program takes.
struct LINESHAFT_EXPORT Scalar {
  uint64_t bits = 0;
  static Scalar of(double value);
  static Scalar of(int64_t value);
  double as_double() const;
  int64_t as_int() const { return static_cast<int64_t>(bits); }
  friend bool operator==(Scalar, Scalar) = default;
};

// A program is immutable once it is interned. `inputs` and `outputs` are storage types: a load widens to the compute
// type; a store rounds (f16, bf16) or wraps (i16, i8, u8) to the storage type.
struct Program {
  static constexpr int kMaxInstructions = 4096;
  static constexpr int kMaxOperands = 64;  // of inputs, of outputs, and of arguments

  std::vector<DType> inputs;
  std::vector<DType> outputs;
  std::vector<DType> args;  // compute types
  std::vector<Instruction> code;
  std::vector<Scalar> constants;
  std::vector<uint16_t> results;  // results[k]: the value stored to output k; its type is compute_type(outputs[k])
  bool uses_index = false;        // an Index or Linear instruction is present: iteration axes must not be merged
  Hash128 hash;                   // of all the fields above but uses_index
  LINESHAFT_EXPORT friend bool operator==(const Program& a, const Program& b);
};

// An interned program: two programs are equal exactly where their pointers are. Interned programs live as long as the
// process.
using ProgramRef = const Program*;

// Throws Error(kInvalidArgument) unless every operand, type and count is valid. intern() calls it; code that decodes a
// program from outside calls it before anything else.
LINESHAFT_EXPORT void validate(const Program& program);

// Validates and simplifies the program (common subexpressions, dead code, repeated narrowing), and returns the one
// instance of the result. Thread-safe. Throws what validate() throws.
LINESHAFT_EXPORT ProgramRef intern(const Program& program);

// The program that copies one value of `type` (inputs {type}, outputs {type}).
LINESHAFT_EXPORT ProgramRef identity_program(DType type);
LINESHAFT_EXPORT bool is_identity(ProgramRef program);
// The program that converts one value, as convert() does (inputs {from}, outputs {to}).
LINESHAFT_EXPORT ProgramRef cast_program(DType from, DType to);

// A readable listing, one instruction a line.
LINESHAFT_EXPORT std::string to_string(const Program& program);

}  // namespace lineshaft
