#include "backends/vulkan/program/far_operands.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>

#include "backends/vulkan/program/spirv.h"
#include "lineshaft/base/error.h"

namespace lineshaft::vulkan {
namespace {

struct SpirvInstruction {
  spv::Op op;
  std::span<const uint32_t> operands;  // its words but the first
};

std::vector<SpirvInstruction> parse(std::span<const uint32_t> words) {
  constexpr size_t kHeader = 5;
  std::vector<SpirvInstruction> all;
  for (size_t at = kHeader; at < words.size(); at += words[at] >> 16)
    all.push_back({static_cast<spv::Op>(words[at] & 0xffff), words.subspan(at + 1, (words[at] >> 16) - 1)});
  return all;
}

bool is_chain(spv::Op op) {
  return op == spv::OpAccessChain || op == spv::OpInBoundsAccessChain;
}

// Instructions of the section that follows decorations.
bool is_global(spv::Op op) {
  return (op >= spv::OpTypeVoid && op <= spv::OpTypeForwardPointer) || op == spv::OpVariable || op == spv::OpUndef ||
         (op >= spv::OpConstantTrue && op <= spv::OpSpecConstantOp) || op == spv::OpTypeCooperativeMatrixNV ||
         static_cast<uint32_t>(op) == 4456;  // OpTypeCooperativeMatrixKHR, which older headers lack
}

class Rewriter {
 public:
  Rewriter(std::span<const uint32_t> kernel, const FarOperands& far)
      : header_(kernel.first(5)), code_(parse(kernel)), far_(far), next_id_(kernel[3]) {}

  std::vector<uint32_t> run();

 private:
  // A storage buffer that is far: a struct of one array.
  struct Variable {
    int number = 0;  // among the far ones
    SpirvId block = 0;
    SpirvId windows = 0;  // the variable of its windows
  };
  // A pointer into one.
  struct Chain {
    SpirvId variable = 0;
    SpirvId pointee = 0;
    std::vector<SpirvId> indices;  // after the block's member
  };
  using Words = std::vector<uint32_t>;

  SpirvId id() { return next_id_++; }
  void survey();
  void declare();
  SpirvId find_type(spv::Op op, std::initializer_list<uint32_t> operands);
  SpirvId global(spv::Op op, SpirvId type, std::initializer_list<uint32_t> operands);
  SpirvId constant(uint32_t value) { return global(spv::OpConstant, u32_, {value}); }
  SpirvId pointer_type(spv::StorageClass storage, SpirvId type) {
    return global(spv::OpTypePointer, 0, {static_cast<uint32_t>(storage), type});
  }
  void decorate(SpirvId target, spv::Decoration decoration, std::initializer_list<uint32_t> values = {});
  static SpirvId emit(Words& out, spv::Op op, SpirvId type, SpirvId result, std::span<const uint32_t> operands);
  static void copy(Words& out, const SpirvInstruction& instruction) {
    append_instruction(out, instruction.op, instruction.operands);
  }

  bool dropped(const SpirvInstruction& instruction) const;
  bool follow(const SpirvInstruction& instruction);
  void address(const SpirvInstruction& instruction, SpirvId base);
  void align(const SpirvInstruction& instruction, size_t at, SpirvId pointee);
  uint32_t alignment(SpirvId type) const;
  SpirvId function_type(SpirvId result, std::vector<SpirvId> parameters);
  SpirvId window_function(const Chain& chain, bool store);
  SpirvId branch_to_window(const Chain& chain, std::vector<SpirvId> indices, SpirvId value);

  std::span<const uint32_t> header_;
  std::vector<SpirvInstruction> code_;
  FarOperands far_;
  uint32_t next_id_;
  std::map<SpirvId, SpirvInstruction> types_;            // by result
  std::map<SpirvId, uint32_t> bindings_, strides_;       // of variables; of arrays
  std::map<SpirvId, SpirvId> type_of_;                   // of values
  std::map<SpirvId, Variable> variables_;                // the far ones
  std::map<SpirvId, Chain> chains_;                      // pointers into them
  std::map<Words, SpirvId> known_;                       // new globals
  std::map<Words, SpirvId> functions_, function_types_;  // of windows
  SpirvId u32_ = 0, pair_ = 0, table_ = 0;
  Words decorations_, globals_, body_, linked_;
};

SpirvId Rewriter::emit(Words& out, spv::Op op, SpirvId type, SpirvId result, std::span<const uint32_t> operands) {
  Words words;
  if (type) words.push_back(type);
  words.push_back(result);
  words.insert(words.end(), operands.begin(), operands.end());
  append_instruction(out, op, words);
  return result;
}

SpirvId Rewriter::global(spv::Op op, SpirvId type, std::initializer_list<uint32_t> operands) {
  Words key{static_cast<uint32_t>(op), type};
  key.insert(key.end(), operands.begin(), operands.end());
  auto [found, fresh] = known_.try_emplace(std::move(key), 0);
  if (fresh) found->second = emit(globals_, op, type, id(), std::span(operands.begin(), operands.size()));
  return found->second;
}

// Plain types must not be declared twice.
SpirvId Rewriter::find_type(spv::Op op, std::initializer_list<uint32_t> operands) {
  for (const auto& [result, type] : types_)
    if (type.op == op && std::ranges::equal(type.operands.subspan(1), operands)) return result;
  return global(op, 0, operands);
}

void Rewriter::decorate(SpirvId target, spv::Decoration decoration, std::initializer_list<uint32_t> values) {
  Words words{target, static_cast<uint32_t>(decoration)};
  words.insert(words.end(), values.begin(), values.end());
  append_instruction(decorations_, spv::OpDecorate, words);
}

// What the kernel declares.
void Rewriter::survey() {
  for (const SpirvInstruction& i : code_) {
    if (i.op == spv::OpDecorate && i.operands[1] == spv::DecorationBinding) bindings_[i.operands[0]] = i.operands[2];
    if (i.op == spv::OpDecorate && i.operands[1] == spv::DecorationArrayStride) strides_[i.operands[0]] = i.operands[2];
    if (i.op >= spv::OpTypeVoid && i.op <= spv::OpTypeFunction) types_.emplace(i.operands[0], i);
    bool has_result = false, has_type = false;
    spv::HasResultAndType(i.op, &has_result, &has_type);
    if (has_result && has_type) type_of_[i.operands[1]] = i.operands[0];
    if (i.op != spv::OpVariable || i.operands[2] != spv::StorageClassStorageBuffer) continue;
    uint32_t binding = bindings_.at(i.operands[1]);
    if (binding == 0 || !far_.has(binding - 1)) continue;
    int number = std::popcount(far_.mask & ((uint64_t{1} << (binding - 1)) - 1));
    variables_[i.operands[1]] = {number, types_.at(i.operands[0]).operands[2], 0};
  }
}

void Rewriter::declare() {
  u32_ = find_type(spv::OpTypeInt, {32, 0});
  if (!far_.windows) {
    pair_ = find_type(spv::OpTypeVector, {u32_, 2});
    SpirvId array = id(), block = id(), length = constant(static_cast<uint32_t>(far_.count()));
    emit(globals_, spv::OpTypeArray, 0, array, std::array{pair_, length});
    emit(globals_, spv::OpTypeStruct, 0, block, std::array{array});
    decorate(array, spv::DecorationArrayStride, {16});
    decorate(block, spv::DecorationBlock);
    append_instruction(decorations_, spv::OpMemberDecorate,
                       std::array<uint32_t, 4>{block, 0, spv::DecorationOffset, 0});
    table_ = id();
    emit(globals_, spv::OpVariable, pointer_type(spv::StorageClassUniform, block), table_,
         std::array<uint32_t, 1>{spv::StorageClassUniform});
    decorate(table_, spv::DecorationDescriptorSet, {0});
    decorate(table_, spv::DecorationBinding, {far_.first_binding});
    return;
  }
  SpirvId count = constant(far_.windows);
  for (auto& [name, variable] : variables_) {
    SpirvId array = global(spv::OpTypeArray, 0, {variable.block, count});
    variable.windows = id();
    emit(globals_, spv::OpVariable, pointer_type(spv::StorageClassStorageBuffer, array), variable.windows,
         std::array<uint32_t, 1>{spv::StorageClassStorageBuffer});
    decorate(variable.windows, spv::DecorationDescriptorSet, {0});
    decorate(variable.windows, spv::DecorationBinding, {far_.first_binding + static_cast<uint32_t>(variable.number)});
    decorate(variable.windows, spv::DecorationAliased);
  }
}

bool Rewriter::dropped(const SpirvInstruction& i) const {
  if (i.op == spv::OpName || i.op == spv::OpDecorate) return variables_.contains(i.operands[0]);
  return i.op == spv::OpVariable && variables_.contains(i.operands[1]);
}

uint32_t Rewriter::alignment(SpirvId type) const {
  const SpirvInstruction& i = types_.at(type);
  if (i.op == spv::OpTypeInt || i.op == spv::OpTypeFloat) return i.operands[1] / 8;
  if (i.op != spv::OpTypeVector) fail(ErrorCode::kInternal, "a kernel moves more than a vector at once");
  return alignment(i.operands[1]) * (i.operands[2] == 2 ? 2 : 4);
}

// A load or store with the alignment that physical pointers want; word `at` has its memory operands, if any.
void Rewriter::align(const SpirvInstruction& i, size_t at, SpirvId pointee) {
  Words words(i.operands.begin(), i.operands.end());
  if (words.size() == at) words.push_back(spv::MemoryAccessMaskNone);
  if (!(words[at] & spv::MemoryAccessAlignedMask))
    words.insert(words.begin() + static_cast<ptrdiff_t>(at) + 1, alignment(pointee));
  words[at] |= spv::MemoryAccessAlignedMask;
  append_instruction(body_, i.op, words);
}

// The same chain of indices from the operand's address, or from a pointer got so.
void Rewriter::address(const SpirvInstruction& i, SpirvId base) {
  Words words(i.operands.begin(), i.operands.end());
  auto variable = variables_.find(base);
  if (variable != variables_.end()) {
    SpirvId number = constant(static_cast<uint32_t>(variable->second.number));
    SpirvId at = emit(body_, spv::OpAccessChain, pointer_type(spv::StorageClassUniform, pair_), id(),
                      std::array{table_, constant(0), number});
    SpirvId bits = emit(body_, spv::OpLoad, pair_, id(), std::array{at});
    words[2] = emit(body_, spv::OpBitcast, pointer_type(spv::StorageClassPhysicalStorageBuffer, variable->second.block),
                    id(), std::array{bits});
  }
  SpirvId pointee = types_.at(i.operands[0]).operands[2];
  words[0] = pointer_type(spv::StorageClassPhysicalStorageBuffer, pointee);
  append_instruction(body_, i.op, words);
  chains_[i.operands[1]] = {base, pointee, {}};
}

SpirvId Rewriter::function_type(SpirvId result, std::vector<SpirvId> parameters) {
  parameters.insert(parameters.begin(), result);
  for (const auto& [name, type] : types_)
    if (type.op == spv::OpTypeFunction && std::ranges::equal(type.operands.subspan(1), parameters)) return name;
  SpirvId& known = function_types_[parameters];
  if (!known) known = emit(globals_, spv::OpTypeFunction, 0, id(), parameters);
  return known;
}

// A function that loads what a chain of indices names, or stores there: it branches to the window that holds the index.
SpirvId Rewriter::window_function(const Chain& chain, bool store) {
  std::vector<SpirvId> parameters;
  for (SpirvId index : chain.indices) parameters.push_back(type_of_.at(index));
  Words key{chain.variable, chain.pointee, store};
  key.insert(key.end(), parameters.begin(), parameters.end());
  SpirvId& function = functions_[key];
  if (function) return function;
  function = id();
  std::vector<SpirvId> indices;
  for (size_t i = 0; i < parameters.size(); ++i) indices.push_back(id());
  SpirvId value = store ? id() : 0;
  if (store) parameters.push_back(chain.pointee);
  SpirvId result = store ? find_type(spv::OpTypeVoid, {}) : chain.pointee;
  emit(linked_, spv::OpFunction, result, function,
       std::array<uint32_t, 2>{spv::FunctionControlMaskNone, function_type(result, parameters)});
  for (size_t i = 0; i < parameters.size(); ++i)
    emit(linked_, spv::OpFunctionParameter, parameters[i], i < indices.size() ? indices[i] : value, {});
  append_instruction(linked_, spv::OpLabel, std::array{id()});
  SpirvId loaded = branch_to_window(chain, indices, value);
  if (store)
    append_instruction(linked_, spv::OpReturn, {});
  else
    append_instruction(linked_, spv::OpReturnValue, std::array{loaded});
  append_instruction(linked_, spv::OpFunctionEnd, {});
  return function;
}

// The branches of such a function. Without a `value` to store, gives the one that is loaded.
SpirvId Rewriter::branch_to_window(const Chain& chain, std::vector<SpirvId> indices, SpirvId value) {
  const Variable& variable = variables_.at(chain.variable);
  uint32_t stride = strides_.at(types_.at(variable.block).operands[1]);
  auto shift = static_cast<uint32_t>(std::countr_zero(far_.window_bytes / stride));
  SpirvId window = emit(linked_, spv::OpShiftRightLogical, u32_, id(), std::array{indices[0], constant(shift)});
  indices[0] = emit(linked_, spv::OpBitwiseAnd, u32_, id(), std::array{indices[0], constant((1u << shift) - 1)});
  std::vector<SpirvId> labels;
  for (uint32_t w = 0; w < far_.windows; ++w) labels.push_back(id());
  SpirvId after = id();
  append_instruction(linked_, spv::OpSelectionMerge, std::array<uint32_t, 2>{after, spv::SelectionControlMaskNone});
  Words choice{window, labels[0]};
  for (uint32_t w = 1; w < far_.windows; ++w) choice.insert(choice.end(), {w, labels[w]});
  append_instruction(linked_, spv::OpSwitch, choice);
  Words loaded;
  for (uint32_t w = 0; w < far_.windows; ++w) {
    append_instruction(linked_, spv::OpLabel, std::array{labels[w]});
    Words path{variable.windows, constant(w), constant(0)};
    path.insert(path.end(), indices.begin(), indices.end());
    SpirvId pointer = pointer_type(spv::StorageClassStorageBuffer, chain.pointee);
    SpirvId at = emit(linked_, spv::OpAccessChain, pointer, id(), path);
    if (value)
      append_instruction(linked_, spv::OpStore, std::array{at, value});
    else
      loaded.insert(loaded.end(), {emit(linked_, spv::OpLoad, chain.pointee, id(), std::array{at}), labels[w]});
    append_instruction(linked_, spv::OpBranch, std::array{after});
  }
  append_instruction(linked_, spv::OpLabel, std::array{after});
  return value ? 0 : emit(linked_, spv::OpPhi, chain.pointee, id(), loaded);
}

// True where the instruction was one on far operands.
bool Rewriter::follow(const SpirvInstruction& i) {
  if (is_chain(i.op)) {
    SpirvId base = i.operands[2];
    auto chain = chains_.find(base);
    if (!variables_.contains(base) && chain == chains_.end()) return false;
    if (!far_.windows) {
      address(i, base);
      return true;
    }
    Chain next = chain == chains_.end() ? Chain{base, 0, {}} : chain->second;
    next.pointee = types_.at(i.operands[0]).operands[2];
    auto indices = i.operands.subspan(chain == chains_.end() ? 4 : 3);
    next.indices.insert(next.indices.end(), indices.begin(), indices.end());
    chains_[i.operands[1]] = std::move(next);
    return true;
  }
  bool load = i.op == spv::OpLoad;
  if (!load && i.op != spv::OpStore) return false;
  auto chain = chains_.find(i.operands[load ? 2 : 0]);
  if (chain == chains_.end()) return false;
  if (!far_.windows) {
    align(i, load ? 3 : 2, chain->second.pointee);
    return true;
  }
  SpirvId function = window_function(chain->second, !load);
  Words call{function};
  call.insert(call.end(), chain->second.indices.begin(), chain->second.indices.end());
  if (!load) call.push_back(i.operands[1]);
  if (load)
    emit(body_, spv::OpFunctionCall, i.operands[0], i.operands[1], call);
  else
    emit(body_, spv::OpFunctionCall, find_type(spv::OpTypeVoid, {}), id(), call);
  return true;
}

std::vector<uint32_t> Rewriter::run() {
  survey();
  declare();
  Words out(header_.begin(), header_.end());
  auto function = std::ranges::find(code_, spv::OpFunction, &SpirvInstruction::op);
  for (auto i = function; i != code_.end(); ++i)
    if (!follow(*i)) copy(body_, *i);
  bool capabilities = true, annotations = true;
  for (auto i = code_.begin(); i != function; ++i) {
    if (capabilities && i->op != spv::OpCapability) {
      capabilities = false;
      if (!far_.windows) {
        append_instruction(out, spv::OpCapability,
                           std::array<uint32_t, 1>{spv::CapabilityPhysicalStorageBufferAddresses});
        append_instruction(out, spv::OpExtension, string_words("SPV_KHR_physical_storage_buffer"));
      }
    }
    if (annotations && is_global(i->op)) {
      annotations = false;
      out.insert(out.end(), decorations_.begin(), decorations_.end());
    }
    if (dropped(*i)) continue;
    if (i->op == spv::OpMemoryModel && !far_.windows)
      append_instruction(out, i->op,
                         std::array<uint32_t, 2>{spv::AddressingModelPhysicalStorageBuffer64, i->operands[1]});
    else
      copy(out, *i);
  }
  for (const Words* section : {&globals_, &body_, &linked_}) out.insert(out.end(), section->begin(), section->end());
  out[3] = next_id_;
  return out;
}

}  // namespace

int FarOperands::count() const {
  return std::popcount(mask);
}

uint32_t window_bytes(const Features& features) {
  return std::bit_floor(static_cast<uint32_t>(features.limits.maxStorageBufferRange));
}

std::vector<uint32_t> reach_far(std::span<const uint32_t> kernel, const FarOperands& far) {
  return Rewriter(kernel, far).run();
}

}  // namespace lineshaft::vulkan
