// Emits a program's instructions as SPIR-V, one scalar at a time.
#pragma once

#include "backends/vulkan/device/features.h"
#include "backends/vulkan/program/spirv_library.h"
#include "lineshaft/program/program.h"

namespace lineshaft::vulkan {

// Emits code for values of the compute types. f64 and i64 values are native or, on devices without them, pairs of
// 32-bit words (low, high).
class ValueEmitter {
 public:
  ValueEmitter(SpirvModule& module, const Features& features);

  SpirvId type(DType compute);
  SpirvId u32() const { return u32_; }
  SpirvId pair() const { return pair_; }  // uvec2

  SpirvId constant(DType compute, Scalar value);
  // Emits one instruction with operands. Throws LacksF64 for f64 arithmetic on a device without it.
  SpirvId instruction(const Instruction& in, DType operand_type, SpirvId a, SpirvId b, SpirvId c);
  // Convert an f64 or i64 to the two 32-bit words (uvec2) that hold it, and back.
  SpirvId to_pair(DType compute, SpirvId value);
  SpirvId from_pair(DType compute, SpirvId words);
  // Convert between the bits of a storage type (u32, zero-extended) and a value of its compute type, for storage types
  // of at most 4 bytes.
  SpirvId from_bits(DType storage, SpirvId bits);
  SpirvId to_bits(DType storage, SpirvId value);
  // The sum of an i64 and an unsigned 32-bit number, as an i64.
  SpirvId i64_add_u32(SpirvId base, SpirvId offset);

  SpirvId call(const std::string& function, DType result, std::initializer_list<SpirvId> arguments);
  SpirvId call_typed(const std::string& function, SpirvId result, std::initializer_list<SpirvId> arguments);
  SpirvId bitcast(SpirvId type, SpirvId value) { return module_.emit(spv::OpBitcast, type, {value}); }
  SpirvId u32_constant(uint32_t value) { return module_.constant(u32_, {value}); }
  // Declares the floating-point modes for the widths that are used. Call it after the entry point is declared.
  void declare_modes();

 private:
  SpirvId cast(DType from, DType to, SpirvId value);
  SpirvId cast_pairs(DType from, DType to, SpirvId value);
  SpirvId within_range(DType from, DType to, SpirvId value);
  SpirvId narrow(DType storage, SpirvId value);
  SpirvId compare(Opcode opcode, DType type, SpirvId a, SpirvId b);
  SpirvId float_operation(const Instruction& in, SpirvId a, SpirvId b);
  bool is_zero(DType compute, SpirvId value);
  enum class WithZero { kTimes, kDivided, kDividing };  // the zero is a factor, the dividend, or the divisor
  SpirvId with_zero(DType compute, SpirvId zero, SpirvId x, WithZero what);
  SpirvId integer_operation(const Instruction& in, SpirvId a, SpirvId b);
  SpirvId bool_operation(const Instruction& in, SpirvId a, SpirvId b);
  SpirvId extended(uint32_t instruction, SpirvId type, SpirvId value);
  bool held_as_pair(DType compute) const;
  std::string suffix(DType compute) const;
  SpirvLinker& linker_of(const std::string& function);

  SpirvModule& module_;
  const Features& features_;
  SpirvId u32_, pair_;
  bool uses_f64_ = false;
  std::vector<SpirvLinker> linkers_;
};

}  // namespace lineshaft::vulkan
