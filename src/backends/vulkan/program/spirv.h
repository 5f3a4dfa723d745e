// A SPIR-V assembler: it creates each type and constant once, appends functions, and puts the sections in order at the
// end.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#define SPV_ENABLE_UTILITY_CODE
#include <spirv/unified1/spirv.hpp>

namespace lineshaft::vulkan {

using SpirvId = uint32_t;

// Appends one instruction: opcode and operands.
void append_instruction(std::vector<uint32_t>& out, spv::Op op, std::span<const uint32_t> operands);
// The words of a literal string, terminated and padded.
std::vector<uint32_t> string_words(std::string_view text);

// Whether a module has loops without the loop control Unroll.
bool has_loops(std::span<const uint32_t> words);

class SpirvModule {
 public:
  SpirvId id() { return next_id_++; }

  void capability(spv::Capability capability) { capabilities_.insert(capability); }
  void extension(std::string_view name);
  SpirvId glsl();  // the GLSL.std.450 instruction set

  // An instruction outside functions that is emitted only once for equal operands: types, constants.
  SpirvId unique(spv::Op op, SpirvId type, std::span<const uint32_t> operands);
  SpirvId unique(spv::Op op, SpirvId type, std::initializer_list<uint32_t> operands) {
    return unique(op, type, std::span(operands.begin(), operands.size()));
  }
  // As unique(), but a new instruction each time, for types with decorations and for variables. With type 0 the
  // instruction has no result type.
  SpirvId fresh(spv::Op op, SpirvId type, std::initializer_list<uint32_t> operands);

  SpirvId type_void() { return unique(spv::OpTypeVoid, 0, {}); }
  SpirvId type_bool() { return unique(spv::OpTypeBool, 0, {}); }
  SpirvId type_int(uint32_t width, bool is_signed) { return unique(spv::OpTypeInt, 0, {width, is_signed ? 1u : 0u}); }
  SpirvId type_float(uint32_t width) { return unique(spv::OpTypeFloat, 0, {width}); }
  SpirvId type_vector(SpirvId component, uint32_t count) { return unique(spv::OpTypeVector, 0, {component, count}); }
  SpirvId type_pointer(spv::StorageClass storage, SpirvId type) {
    return unique(spv::OpTypePointer, 0, {static_cast<uint32_t>(storage), type});
  }
  SpirvId constant(SpirvId type, std::initializer_list<uint32_t> words) { return unique(spv::OpConstant, type, words); }
  SpirvId constant_u32(uint32_t value) { return constant(type_int(32, false), {value}); }
  SpirvId constant_bool(bool value) {
    return unique(value ? spv::OpConstantTrue : spv::OpConstantFalse, type_bool(), {});
  }

  void decorate(SpirvId target, spv::Decoration decoration, std::initializer_list<uint32_t> operands = {});
  void decorate_member(SpirvId type, uint32_t member, spv::Decoration decoration,
                       std::initializer_list<uint32_t> operands = {});

  // Emit an instruction in the current function.
  SpirvId emit(spv::Op op, SpirvId type, std::span<const uint32_t> operands);
  SpirvId emit(spv::Op op, SpirvId type, std::initializer_list<uint32_t> operands) {
    return emit(op, type, std::span(operands.begin(), operands.size()));
  }
  void emit_void(spv::Op op, std::initializer_list<uint32_t> operands);

  void entry_point(SpirvId function, std::array<uint32_t, 3> local_size, std::vector<SpirvId> interface);
  void execution_mode(std::initializer_list<uint32_t> operands);
  // The words of whole functions that a SpirvLinker adds.
  std::vector<uint32_t>& linked_functions() { return linked_; }

  std::vector<uint32_t> finish() const;

 private:
  SpirvId next_id_ = 1;
  std::set<spv::Capability> capabilities_;
  std::vector<std::vector<uint32_t>> extensions_;
  SpirvId glsl_ = 0;
  std::vector<uint32_t> entry_, modes_, decorations_, globals_, body_, linked_;
  SpirvId entry_function_ = 0;
  std::map<std::vector<uint32_t>, SpirvId> known_;
};

}  // namespace lineshaft::vulkan
