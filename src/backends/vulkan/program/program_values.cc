#include "backends/vulkan/program/program_values.h"

#include <array>
#include <bit>
#include <limits>

#include "backends/vulkan/program/kernels.h"
#include "backends/vulkan/program/lacks_f64.h"
#include "lineshaft/base/error.h"

namespace lineshaft::vulkan {
namespace {

// GLSL.std.450
constexpr uint32_t kRoundEven = 2, kTrunc = 3, kFAbs = 4, kFloor = 8, kCeil = 9, kSqrt = 31;

const std::array<SpirvLibrary, 4>& libraries() {
  static const auto* parsed =
      new std::array<SpirvLibrary, 4>{SpirvLibrary(kernel_words("base")), SpirvLibrary(kernel_words("math_f32")),
                                      SpirvLibrary(kernel_words("math_f64")), SpirvLibrary(kernel_words("int64"))};
  return *parsed;
}

}  // namespace

ValueEmitter::ValueEmitter(SpirvModule& module, const Features& features) : module_(module), features_(features) {
  module.capability(spv::CapabilityShader);
  u32_ = module.type_int(32, false);
  pair_ = module.type_vector(u32_, 2);
  for (const SpirvLibrary& library : libraries()) linkers_.emplace_back(module, library);
}

bool ValueEmitter::held_as_pair(DType compute) const {
  return (compute == DType::kF64 && !features_.f64) || (compute == DType::kI64 && !features_.i64);
}

std::string ValueEmitter::suffix(DType compute) const {
  return std::string(name_of(compute)) + (held_as_pair(compute) ? "w" : "");
}

SpirvId ValueEmitter::type(DType compute) {
  if (held_as_pair(compute)) return pair_;
  switch (compute) {
    case DType::kF64:
      uses_f64_ = true;
      module_.capability(spv::CapabilityFloat64);
      return module_.type_float(64);
    case DType::kF32:
      return module_.type_float(32);
    case DType::kI64:
      module_.capability(spv::CapabilityInt64);
      return module_.type_int(64, true);
    case DType::kI32:
      return module_.type_int(32, true);
    default:
      return module_.type_bool();
  }
}

SpirvId ValueEmitter::constant(DType compute, Scalar value) {
  SpirvId t = type(compute);
  switch (compute) {
    case DType::kF32:
      return module_.constant(t, {std::bit_cast<uint32_t>(static_cast<float>(value.as_double()))});
    case DType::kI32:
      return module_.constant(t, {static_cast<uint32_t>(value.bits)});
    case DType::kBool:
      return module_.constant_bool(value.bits != 0);
    default: {
      auto low = static_cast<uint32_t>(value.bits), high = static_cast<uint32_t>(value.bits >> 32);
      if (!held_as_pair(compute)) return module_.constant(t, {low, high});
      return module_.unique(spv::OpConstantComposite, pair_, {u32_constant(low), u32_constant(high)});
    }
  }
}

SpirvLinker& ValueEmitter::linker_of(const std::string& function) {
  for (SpirvLinker& linker : linkers_)
    if (linker.has(function)) return linker;
  fail(ErrorCode::kInternal, "the kernel library has no function ", function);
}

SpirvId ValueEmitter::call_typed(const std::string& function, SpirvId result,
                                 std::initializer_list<SpirvId> arguments) {
  std::vector<uint32_t> operands{linker_of(function).function(function)};
  operands.insert(operands.end(), arguments.begin(), arguments.end());
  return module_.emit(spv::OpFunctionCall, result, operands);
}

SpirvId ValueEmitter::call(const std::string& function, DType result, std::initializer_list<SpirvId> arguments) {
  return call_typed(function, type(result), arguments);
}

SpirvId ValueEmitter::to_pair(DType compute, SpirvId value) {
  return held_as_pair(compute) ? value : bitcast(pair_, value);
}
SpirvId ValueEmitter::from_pair(DType compute, SpirvId words) {
  return held_as_pair(compute) ? words : bitcast(type(compute), words);
}

SpirvId ValueEmitter::from_bits(DType storage, SpirvId bits) {
  auto sign_extend = [&](uint32_t shift) {
    SpirvId count = u32_constant(shift);
    SpirvId up = module_.emit(spv::OpShiftLeftLogical, u32_, {bits, count});
    return module_.emit(spv::OpShiftRightArithmetic, type(DType::kI32), {bitcast(type(DType::kI32), up), count});
  };
  switch (storage) {
    case DType::kF32:
    case DType::kI32:
      return bitcast(type(storage), bits);
    case DType::kF16:
      return call("ls_f32_from_f16", DType::kF32, {bits});
    case DType::kBF16:
      return bitcast(type(DType::kF32), module_.emit(spv::OpShiftLeftLogical, u32_, {bits, u32_constant(16)}));
    case DType::kI16:
      return sign_extend(16);
    case DType::kI8:
      return sign_extend(24);
    case DType::kU8:
      return bitcast(type(DType::kI32), bits);
    default:
      return module_.emit(spv::OpINotEqual, type(DType::kBool), {bits, u32_constant(0)});
  }
}

SpirvId ValueEmitter::to_bits(DType storage, SpirvId value) {
  auto mask = [&](uint32_t bits) {
    return module_.emit(spv::OpBitwiseAnd, u32_, {bitcast(u32_, value), u32_constant(bits)});
  };
  switch (storage) {
    case DType::kF32:
    case DType::kI32:
      return bitcast(u32_, value);
    case DType::kF16:
      return call_typed("ls_f16_from_f32", u32_, {value});
    case DType::kBF16:
      return call_typed("ls_bf16_from_f32", u32_, {value});
    case DType::kI16:
      return mask(0xffff);
    case DType::kI8:
    case DType::kU8:
      return mask(0xff);
    default:
      return module_.emit(spv::OpSelect, u32_, {value, u32_constant(1), u32_constant(0)});
  }
}

SpirvId ValueEmitter::i64_add_u32(SpirvId base, SpirvId offset) {
  SpirvId wide = module_.emit(spv::OpCompositeConstruct, pair_, {offset, u32_constant(0)});
  if (held_as_pair(DType::kI64)) return call("ls_add_i64w", DType::kI64, {base, wide});
  return module_.emit(spv::OpIAdd, type(DType::kI64), {base, from_pair(DType::kI64, wide)});
}

SpirvId ValueEmitter::extended(uint32_t instruction, SpirvId result, SpirvId value) {
  return module_.emit(spv::OpExtInst, result, {module_.glsl(), instruction, value});
}

SpirvId ValueEmitter::narrow(DType storage, SpirvId value) {
  if (compute_type(storage) == storage) return value;
  return from_bits(storage, to_bits(storage, value));
}

// Where a pair takes part, all goes through the words of f64 and i64.
SpirvId ValueEmitter::cast_pairs(DType from, DType to, SpirvId value) {
  if (from == DType::kBool || from == DType::kI32) {
    SpirvId small = from == DType::kI32 ? value : cast(from, DType::kI32, value);
    SpirvId wide = call_typed("ls_i64w_from_i32", pair_, {small});
    if (to == DType::kI64) return from_pair(DType::kI64, wide);
    return from_pair(to, call_typed("ls_f64w_from_i64w", pair_, {wide}));
  }
  SpirvId words = from == DType::kF32 ? value : to_pair(from, value);
  if (to == DType::kBool)
    return call(from == DType::kF64 ? "ls_bool_from_f64w" : "ls_bool_from_i64w", DType::kBool, {words});
  if (to == DType::kI32) {
    if (from == DType::kF64) return call("ls_i32_from_f64w", DType::kI32, {words});
    return bitcast(type(DType::kI32), module_.emit(spv::OpCompositeExtract, u32_, {words, 0}));
  }
  std::string function = std::string("ls_") + (to == DType::kF32 ? "f32" : std::string(name_of(to)) + "w") + "_from_" +
                         (from == DType::kF32 ? "f32" : std::string(name_of(from)) + "w");
  if (to == DType::kF32) return call(function, DType::kF32, {words});
  return from_pair(to, call_typed(function, pair_, {words}));
}

// NaN and what the integer does not reach become its smallest value: SPIR-V leaves open what they convert to.
SpirvId ValueEmitter::within_range(DType from, DType to, SpirvId value) {
  double end = to == DType::kI64 ? 0x1p63 : 0x1p31;
  SpirvId least = constant(from, Scalar::of(-end)), logical = type(DType::kBool);
  SpirvId above = module_.emit(spv::OpFOrdGreaterThanEqual, logical, {value, least});
  SpirvId below = module_.emit(spv::OpFOrdLessThan, logical, {value, constant(from, Scalar::of(end))});
  SpirvId inside = module_.emit(spv::OpLogicalAnd, logical, {above, below});
  return module_.emit(spv::OpSelect, type(from), {inside, value, least});
}

SpirvId ValueEmitter::cast(DType from, DType to, SpirvId value) {
  if (from == to) return value;
  if (held_as_pair(from) || held_as_pair(to)) return cast_pairs(from, to, value);
  SpirvId t = type(to);
  if (to == DType::kBool) {
    SpirvId zero = constant(from, Scalar{0});
    return module_.emit(is_float(from) ? spv::OpFUnordNotEqual : spv::OpINotEqual, t, {value, zero});
  }
  if (from == DType::kBool) {
    Scalar one = is_float(to) ? Scalar::of(1.0) : Scalar::of(int64_t{1});
    return module_.emit(spv::OpSelect, t, {value, constant(to, one), constant(to, Scalar{0})});
  }
  if (is_float(from)) {
    if (is_float(to)) return module_.emit(spv::OpFConvert, t, {value});
    return module_.emit(spv::OpConvertFToS, t, {within_range(from, to, value)});
  }
  // Not OpSConvert: Mesa 22.3's compiler takes a converted number for unsigned where it is compared with a literal.
  if (from == DType::kI32 && to == DType::kI64) return from_pair(to, call_typed("ls_i64w_from_i32", pair_, {value}));
  return module_.emit(is_float(to) ? spv::OpConvertSToF : spv::OpSConvert, t, {value});
}

SpirvId ValueEmitter::compare(Opcode opcode, DType operand, SpirvId a, SpirvId b) {
  SpirvId t = type(DType::kBool);
  int which = static_cast<int>(opcode) - static_cast<int>(Opcode::kEq);
  if (held_as_pair(operand))
    return call("ls_" + std::string(info_of(opcode).name) + "_" + suffix(operand), DType::kBool, {a, b});
  if (operand == DType::kBool) {
    if (which < 2) return module_.emit(which ? spv::OpLogicalNotEqual : spv::OpLogicalEqual, t, {a, b});
    SpirvId not_a = module_.emit(spv::OpLogicalNot, t, {a});
    return which == 2 ? module_.emit(spv::OpLogicalAnd, t, {not_a, b}) : module_.emit(spv::OpLogicalOr, t, {not_a, b});
  }
  constexpr spv::Op floats[] = {spv::OpFOrdEqual, spv::OpFUnordNotEqual, spv::OpFOrdLessThan, spv::OpFOrdLessThanEqual};
  constexpr spv::Op integers[] = {spv::OpIEqual, spv::OpINotEqual, spv::OpSLessThan, spv::OpSLessThanEqual};
  return module_.emit(is_float(operand) ? floats[which] : integers[which], t, {a, b});
}

bool ValueEmitter::is_zero(DType compute, SpirvId value) {
  return value == constant(compute, Scalar::of(0.0)) || value == constant(compute, Scalar::of(-0.0));
}

// zero * x, zero / x, or x / zero. Mesa's llvmpipe takes 0 for a product with the literal 0, and for its quotient,
// whatever the other operand is, so that NaN, infinities and signs would be lost; and a quotient by it is undefined.
SpirvId ValueEmitter::with_zero(DType compute, SpirvId zero, SpirvId x, WithZero what) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  SpirvId t = type(compute), logical = type(DType::kBool), magnitude = extended(kFAbs, t, x);
  SpirvId limit = constant(compute, Scalar::of(what == WithZero::kTimes ? kInfinity : 0.0));
  SpirvId defined = what == WithZero::kTimes ? module_.emit(spv::OpFOrdLessThan, logical, {magnitude, limit})
                                             : module_.emit(spv::OpFOrdLessThan, logical, {limit, magnitude});
  bool negative = zero == constant(compute, Scalar::of(-0.0));
  SpirvId sign = negative ? module_.emit(spv::OpFNegate, t, {x}) : x;
  SpirvId size = constant(compute, Scalar::of(what == WithZero::kDividing ? kInfinity : 0.0));
  SpirvId result = call("ls_copysign_" + suffix(compute), compute, {size, sign});
  SpirvId nan = constant(compute, Scalar::of(std::numeric_limits<double>::quiet_NaN()));
  return module_.emit(spv::OpSelect, t, {defined, result, nan});
}

SpirvId ValueEmitter::float_operation(const Instruction& in, SpirvId a, SpirvId b) {
  SpirvId t = type(in.type);
  SpirvId logical = type(DType::kBool);
  std::string library = "ls_" + std::string(info_of(in.opcode).name) + "_" + suffix(in.type);
  if (held_as_pair(in.type)) {
    if (in.opcode == Opcode::kNeg || in.opcode == Opcode::kAbs) return call(library, in.type, {a});
    throw LacksF64(concat("\"", info_of(in.opcode).name, "\"").c_str());
  }
  auto choose = [&](spv::Op less, SpirvId x, SpirvId y) {
    SpirvId wins = module_.emit(less, logical, {x, y});
    SpirvId nan = module_.emit(spv::OpFUnordNotEqual, logical, {a, a});
    return module_.emit(spv::OpSelect, t, {module_.emit(spv::OpLogicalOr, logical, {wins, nan}), a, b});
  };
  switch (in.opcode) {
    case Opcode::kNeg:
      return module_.emit(spv::OpFNegate, t, {a});
    case Opcode::kAbs:
      return extended(kFAbs, t, a);
    case Opcode::kAdd:
      return module_.emit(spv::OpFAdd, t, {a, b});
    case Opcode::kSub:
      return module_.emit(spv::OpFSub, t, {a, b});
    case Opcode::kMul:
      if (is_zero(in.type, a)) return with_zero(in.type, a, b, WithZero::kTimes);
      if (is_zero(in.type, b)) return with_zero(in.type, b, a, WithZero::kTimes);
      return module_.emit(spv::OpFMul, t, {a, b});
    case Opcode::kDiv:
      if (is_zero(in.type, a)) return with_zero(in.type, a, b, WithZero::kDivided);
      if (is_zero(in.type, b)) return with_zero(in.type, b, a, WithZero::kDividing);
      return module_.emit(spv::OpFDiv, t, {a, b});
    case Opcode::kMin:
      return choose(spv::OpFOrdLessThan, a, b);
    case Opcode::kMax:
      return choose(spv::OpFOrdGreaterThan, a, b);
    case Opcode::kFloor:
      return extended(kFloor, t, a);
    case Opcode::kCeil:
      return extended(kCeil, t, a);
    case Opcode::kTrunc:  // math.glsl says why f64 has functions of its own
    case Opcode::kRound:
      if (in.type == DType::kF64) return call(library, in.type, {a});
      return extended(in.opcode == Opcode::kTrunc ? kTrunc : kRoundEven, t, a);
    case Opcode::kSqrt:
      return extended(kSqrt, t, a);
    case Opcode::kRsqrt:
      return module_.emit(spv::OpFDiv, t, {constant(in.type, Scalar::of(1.0)), extended(kSqrt, t, a)});
    default:
      return info_of(in.opcode).operands == 1 ? call(library, in.type, {a}) : call(library, in.type, {a, b});
  }
}

SpirvId ValueEmitter::integer_operation(const Instruction& in, SpirvId a, SpirvId b) {
  SpirvId t = type(in.type);
  auto plain = [&]() -> spv::Op {
    switch (in.opcode) {
      case Opcode::kAdd:
        return spv::OpIAdd;
      case Opcode::kSub:
        return spv::OpISub;
      case Opcode::kMul:
        return spv::OpIMul;
      default:
        return spv::OpNop;
    }
  };
  // Bitwise operations are the same on pairs.
  switch (in.opcode) {
    case Opcode::kAnd:
      return module_.emit(spv::OpBitwiseAnd, t, {a, b});
    case Opcode::kOr:
      return module_.emit(spv::OpBitwiseOr, t, {a, b});
    case Opcode::kXor:
      return module_.emit(spv::OpBitwiseXor, t, {a, b});
    case Opcode::kNot:
      return module_.emit(spv::OpNot, t, {a});
    default:
      break;
  }
  if (!held_as_pair(in.type)) {
    if (in.opcode == Opcode::kNeg) return module_.emit(spv::OpSNegate, t, {a});
    if (plain() != spv::OpNop) return module_.emit(plain(), t, {a, b});
  }
  std::string library = "ls_" + std::string(info_of(in.opcode).name) + "_" + suffix(in.type);
  return info_of(in.opcode).operands == 1 ? call(library, in.type, {a}) : call(library, in.type, {a, b});
}

SpirvId ValueEmitter::bool_operation(const Instruction& in, SpirvId a, SpirvId b) {
  SpirvId t = type(DType::kBool);
  switch (in.opcode) {
    case Opcode::kNot:
      return module_.emit(spv::OpLogicalNot, t, {a});
    case Opcode::kAnd:
      return module_.emit(spv::OpLogicalAnd, t, {a, b});
    case Opcode::kOr:
      return module_.emit(spv::OpLogicalOr, t, {a, b});
    default:
      return module_.emit(spv::OpLogicalNotEqual, t, {a, b});
  }
}

SpirvId ValueEmitter::instruction(const Instruction& in, DType operand, SpirvId a, SpirvId b, SpirvId c) {
  switch (in.opcode) {
    case Opcode::kCast:
      return cast(operand, in.type, a);
    case Opcode::kNarrow:
      return narrow(static_cast<DType>(in.imm), a);
    case Opcode::kBitcast:
      if (size_of(operand) == 8) return from_pair(in.type, to_pair(operand, a));
      return operand == in.type ? a : bitcast(type(in.type), a);
    case Opcode::kSelect:
      if (held_as_pair(in.type)) {
        SpirvId both = module_.type_vector(module_.type_bool(), 2);
        return module_.emit(spv::OpSelect, pair_, {module_.emit(spv::OpCompositeConstruct, both, {a, a}), b, c});
      }
      return module_.emit(spv::OpSelect, type(in.type), {a, b, c});
    case Opcode::kPhilox: {
      SpirvId words =
          call_typed("ls_philox", module_.type_vector(u32_, 4), {to_pair(DType::kI64, a), to_pair(DType::kI64, b)});
      return bitcast(type(DType::kI32), module_.emit(spv::OpCompositeExtract, u32_, {words, in.imm}));
    }
    case Opcode::kEq:
    case Opcode::kNe:
    case Opcode::kLt:
    case Opcode::kLe:
      return compare(in.opcode, operand, a, b);
    default:
      break;
  }
  if (is_float(in.type)) return float_operation(in, a, b);
  return in.type == DType::kBool ? bool_operation(in, a, b) : integer_operation(in, a, b);
}

void ValueEmitter::declare_modes() {
  for (int wide = 0; wide < (uses_f64_ ? 2 : 1); ++wide) {
    uint32_t width = wide ? 64 : 32;
    auto declare = [&](bool has, spv::Capability capability, spv::ExecutionMode mode) {
      if (!has) return;
      module_.extension("SPV_KHR_float_controls");
      module_.capability(capability);
      module_.execution_mode({static_cast<uint32_t>(mode), width});
    };
    declare(features_.keeps_special[wide], spv::CapabilitySignedZeroInfNanPreserve,
            spv::ExecutionModeSignedZeroInfNanPreserve);
    declare(features_.rounds_even[wide], spv::CapabilityRoundingModeRTE, spv::ExecutionModeRoundingModeRTE);
    declare(features_.keeps_denormals[wide], spv::CapabilityDenormPreserve, spv::ExecutionModeDenormPreserve);
  }
}

}  // namespace lineshaft::vulkan
