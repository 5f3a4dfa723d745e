#include "lineshaft/program/program.h"

#include <bit>
#include <cstring>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "lineshaft/base/error.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft {

const OpcodeInfo& info_of(Opcode opcode) {
  static constexpr OpcodeInfo table[] = {
#define LINESHAFT_OPCODE(name, text, operands, kinds) {text, operands, kinds},
#include "lineshaft/program/opcodes.def"
  };
  return table[static_cast<int>(opcode)];
}

Scalar Scalar::of(double value) {
  return {std::bit_cast<uint64_t>(value)};
}
Scalar Scalar::of(int64_t value) {
  return {static_cast<uint64_t>(value)};
}
double Scalar::as_double() const {
  return std::bit_cast<double>(bits);
}

bool operator==(const Program& a, const Program& b) {
  return a.inputs == b.inputs && a.outputs == b.outputs && a.args == b.args && a.code == b.code &&
         a.constants == b.constants && a.results == b.results;
}

namespace {

char kind_of(DType type) {
  return is_float(type) ? 'F' : type == DType::kBool ? 'B' : 'I';
}

bool is_comparison(Opcode opcode) {
  return opcode >= Opcode::kEq && opcode <= Opcode::kLe;
}

void validate_source(const Program& program, const Instruction& in, size_t at) {
  size_t limit = in.opcode == Opcode::kLoad    ? program.inputs.size()
                 : in.opcode == Opcode::kArg   ? program.args.size()
                 : in.opcode == Opcode::kConst ? program.constants.size()
                                               : 8;
  LS_REQUIRE(in.imm < limit, "instruction ", at, " (", info_of(in.opcode).name, ") names number ", in.imm, " of ",
             limit);
  if (in.opcode == Opcode::kLoad)
    LS_REQUIRE(in.type == compute_type(program.inputs[in.imm]), "instruction ", at, " loads the wrong type");
  if (in.opcode == Opcode::kArg)
    LS_REQUIRE(in.type == program.args[in.imm], "instruction ", at, " reads an argument as the wrong type");
  if (in.opcode == Opcode::kIndex || in.opcode == Opcode::kLinear)
    LS_REQUIRE(in.type == DType::kI64, "instruction ", at, " gives an index that is not i64");
}

void validate_types(const Program& program, const Instruction& in, size_t at) {
  const OpcodeInfo& info = info_of(in.opcode);
  auto type_of = [&](int operand, uint16_t value) {
    return operand < info.operands ? program.code[value].type : DType::kBool;
  };
  DType a = type_of(0, in.a), b = type_of(1, in.b), c = type_of(2, in.c);
  auto require = [&](bool condition) {
    LS_REQUIRE(condition, "instruction ", at, " (", info.name, ") has operands of types that do not fit");
  };
  switch (in.opcode) {
    case Opcode::kCast:
      return;
    case Opcode::kNarrow: {
      auto storage = static_cast<DType>(in.imm);
      return require(is_valid(storage) && compute_type(storage) == in.type && a == in.type);
    }
    case Opcode::kBitcast:
      return require(size_of(a) == size_of(in.type) && a != DType::kBool && in.type != DType::kBool);
    case Opcode::kSelect:
      return require(a == DType::kBool && b == in.type && c == in.type);
    case Opcode::kPhilox:
      return require(a == DType::kI64 && b == DType::kI64 && in.type == DType::kI32 && in.imm < 4);
    default:
      break;
  }
  if (info.operands == 2) require(a == b);
  require(std::strchr(info.kinds, kind_of(a)) != nullptr);
  require(in.type == (is_comparison(in.opcode) ? DType::kBool : a));
}

struct InstructionHasher {
  size_t operator()(const Instruction& in) const { return hash_bytes(&in, sizeof in).low; }
};
static_assert(sizeof(Instruction) == 10 && std::has_unique_object_representations_v<Instruction>);

// Value numbering, then dropping what no result reaches. Loads are kept one an input, constants one a value and type.
Program simplify(const Program& in) {
  Program out;
  out.inputs = in.inputs;
  out.outputs = in.outputs;
  out.args = in.args;
  std::vector<uint16_t> renamed(in.code.size());
  std::unordered_map<Instruction, uint16_t, InstructionHasher> known;
  std::vector<Instruction> code;
  for (size_t i = 0; i < in.code.size(); ++i) {
    Instruction next = in.code[i];
    int operands = info_of(next.opcode).operands;
    next.a = operands > 0 ? renamed[next.a] : 0;
    next.b = operands > 1 ? renamed[next.b] : 0;
    next.c = operands > 2 ? renamed[next.c] : 0;
    if (next.opcode == Opcode::kConst) {
      Scalar value = in.constants[next.imm];
      size_t at = 0;
      while (at < out.constants.size() && !(out.constants[at] == value)) ++at;
      if (at == out.constants.size()) out.constants.push_back(value);
      next.imm = static_cast<uint16_t>(at);
    }
    bool same_narrow =
        next.opcode == Opcode::kNarrow && code[next.a].opcode == Opcode::kNarrow && code[next.a].imm == next.imm;
    bool loaded_narrow = next.opcode == Opcode::kNarrow && code[next.a].opcode == Opcode::kLoad &&
                         in.inputs[code[next.a].imm] == static_cast<DType>(next.imm);
    if (same_narrow || loaded_narrow) {
      renamed[i] = next.a;
      continue;
    }
    auto [found, fresh] = known.try_emplace(next, static_cast<uint16_t>(code.size()));
    if (fresh) code.push_back(next);
    renamed[i] = found->second;
  }
  std::vector<bool> live(code.size());
  for (uint16_t result : in.results) live[renamed[result]] = true;
  for (size_t i = code.size(); i-- > 0;) {
    if (!live[i]) continue;
    int operands = info_of(code[i].opcode).operands;
    if (operands > 0) live[code[i].a] = true;
    if (operands > 1) live[code[i].b] = true;
    if (operands > 2) live[code[i].c] = true;
  }
  std::vector<uint16_t> packed(code.size());
  std::vector<Scalar> used;
  for (size_t i = 0; i < code.size(); ++i) {
    if (!live[i]) continue;
    Instruction next = code[i];
    int operands = info_of(next.opcode).operands;
    if (operands > 0) next.a = packed[next.a];
    if (operands > 1) next.b = packed[next.b];
    if (operands > 2) next.c = packed[next.c];
    if (next.opcode == Opcode::kConst) {
      Scalar value = out.constants[next.imm];
      size_t at = 0;
      while (at < used.size() && !(used[at] == value)) ++at;
      if (at == used.size()) used.push_back(value);
      next.imm = static_cast<uint16_t>(at);
    }
    out.uses_index |= next.opcode == Opcode::kIndex || next.opcode == Opcode::kLinear;
    packed[i] = static_cast<uint16_t>(out.code.size());
    out.code.push_back(next);
  }
  out.constants = std::move(used);
  for (uint16_t result : in.results) out.results.push_back(packed[renamed[result]]);
  return out;
}

Hash128 content_hash(const Program& program) {
  std::string bytes;
  auto add = [&](const auto& list) {
    uint64_t count = list.size();
    bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
    bytes.append(reinterpret_cast<const char*>(list.data()), list.size() * sizeof list[0]);
  };
  add(program.inputs);
  add(program.outputs);
  add(program.args);
  add(program.code);
  add(program.constants);
  add(program.results);
  return hash_bytes(bytes.data(), bytes.size());
}

}  // namespace

void validate(const Program& program) {
  LS_REQUIRE(program.code.size() <= Program::kMaxInstructions, "a program has ", program.code.size(),
             " instructions; the limit is ", Program::kMaxInstructions);
  for (size_t count : {program.inputs.size(), program.outputs.size(), program.args.size()})
    LS_REQUIRE(count <= Program::kMaxOperands, "a program has ", count, " operands of one kind; the limit is ",
               Program::kMaxOperands);
  LS_REQUIRE(program.outputs.size() == program.results.size(), "a program stores ", program.results.size(),
             " values to ", program.outputs.size(), " outputs");
  for (DType type : program.inputs) LS_REQUIRE(is_valid(type), "a program's input has an unknown dtype");
  for (DType type : program.outputs) LS_REQUIRE(is_valid(type), "a program's output has an unknown dtype");
  for (DType type : program.args)
    LS_REQUIRE(is_valid(type) && is_compute_type(type), "a program's argument is of no compute type");
  for (size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& in = program.code[i];
    LS_REQUIRE(static_cast<int>(in.opcode) < kOpcodeCount, "instruction ", i, " has the unknown opcode ",
               static_cast<int>(in.opcode));
    LS_REQUIRE(is_valid(in.type) && is_compute_type(in.type), "instruction ", i, " gives no compute type");
    int operands = info_of(in.opcode).operands;
    LS_REQUIRE((operands < 1 || in.a < i) && (operands < 2 || in.b < i) && (operands < 3 || in.c < i), "instruction ",
               i, " names a value that is not defined before it");
    if (operands == 0)
      validate_source(program, in, i);
    else
      validate_types(program, in, i);
  }
  for (size_t k = 0; k < program.results.size(); ++k) {
    LS_REQUIRE(program.results[k] < program.code.size(), "output ", k, " stores a value that is not defined");
    LS_REQUIRE(program.code[program.results[k]].type == compute_type(program.outputs[k]), "output ", k,
               " stores a value of another type");
  }
}

ProgramRef intern(const Program& program) {
  validate(program);
  Program simple = simplify(program);
  simple.hash = content_hash(simple);
  static std::mutex mutex;
  static auto* table = new std::unordered_map<Hash128, std::unique_ptr<const Program>, Hash128Hasher>;
  std::lock_guard lock(mutex);
  auto [found, fresh] = table->try_emplace(simple.hash);
  if (fresh) found->second = std::make_unique<const Program>(std::move(simple));
  return found->second.get();
}

ProgramRef identity_program(DType type) {
  LS_REQUIRE(is_valid(type), "dtype number ", static_cast<int>(type), " is unknown");
  static ProgramRef* table = [] {
    auto* programs = new ProgramRef[kDTypeCount];
    for (int i = 0; i < kDTypeCount; ++i) {
      auto dtype = static_cast<DType>(i);
      programs[i] = intern(
          {.inputs = {dtype}, .outputs = {dtype}, .code = {{Opcode::kLoad, compute_type(dtype)}}, .results = {0}});
    }
    return programs;
  }();
  return table[static_cast<int>(type)];
}

bool is_identity(ProgramRef program) {
  return program->inputs.size() == 1 && program == identity_program(program->inputs[0]);
}

ProgramRef cast_program(DType from, DType to) {
  for (DType type : {from, to}) LS_REQUIRE(is_valid(type), "dtype number ", static_cast<int>(type), " is unknown");
  static ProgramCache cache;
  return cache.get(key_of(from, to), [&](ProgramBuilder& p) { p.output(p.input(from), to); });
}

std::string to_string(const Program& program) {
  std::string text;
  for (size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& in = program.code[i];
    const OpcodeInfo& info = info_of(in.opcode);
    text += concat("  %", i, " = ", info.name, ".", name_of(in.type));
    if (info.operands > 0) text += concat(" %", in.a);
    if (info.operands > 1) text += concat(" %", in.b);
    if (info.operands > 2) text += concat(" %", in.c);
    switch (in.opcode) {
      case Opcode::kLoad:
        text += concat(" in", in.imm, ":", name_of(program.inputs[in.imm]));
        break;
      case Opcode::kArg:
        text += concat(" arg", in.imm);
        break;
      case Opcode::kConst:
        text += is_float(in.type) ? concat(" ", program.constants[in.imm].as_double())
                                  : concat(" ", program.constants[in.imm].as_int());
        break;
      case Opcode::kIndex:
      case Opcode::kPhilox:
        text += concat(" #", in.imm);
        break;
      case Opcode::kNarrow:
        text += concat(" ", name_of(static_cast<DType>(in.imm)));
        break;
      default:
        break;
    }
    text += "\n";
  }
  for (size_t k = 0; k < program.results.size(); ++k)
    text += concat("  out", k, ":", name_of(program.outputs[k]), " = %", program.results[k], "\n");
  return text;
}

}  // namespace lineshaft
