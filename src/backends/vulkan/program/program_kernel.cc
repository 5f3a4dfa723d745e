#include "backends/vulkan/program/program_kernel.h"

#include <algorithm>

#include "backends/vulkan/program/program_values.h"
#include "base/divide.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::vulkan {

ParamLayout::ParamLayout(const Program& program, const KernelShape& shape) {
  auto groups = [](size_t words) { return static_cast<uint32_t>(divide_up(words, 4)); };
  args = bases + groups(shape.access.size() + 1);
  uint32_t words = 0;
  for (DType type : program.args) {
    arg_word.push_back(words);
    words += size_of(type) == 8 ? 2 : 1;
  }
  indices = args + groups(words);
  for (const Instruction& in : program.code)
    if (in.opcode == Opcode::kIndex && std::ranges::count(index_axes, in.imm) == 0) index_axes.push_back(in.imm);
  axes = indices + 2 * static_cast<uint32_t>(index_axes.size());
  auto strided = static_cast<size_t>(std::ranges::count(shape.access, Access::kStrided));
  axis_groups = strided ? 1 + groups(strided) : 0;
  total = axes + kMaxRank * axis_groups;
}

namespace {

// Of the functions that an instruction calls in shaders/library/, with whatever operands.
Turns turns_of(const Instruction& in, const Features& features) {
  bool wide = size_of(in.type) == 8;
  constexpr Turns kBits = loop(64);
  switch (in.opcode) {
    case Opcode::kRem:  // each turn takes a bit at least; all exponents lie between the operands
      if (is_float(in.type)) return wide ? loop(2100) : loop(280);
      return wide && !features.i64 ? kBits : kNoLoops;
    case Opcode::kDiv:
      return in.type == DType::kI64 && !features.i64 ? kBits : kNoLoops;
    case Opcode::kPow:
      return is_float(in.type) ? kNoLoops : kBits;
    case Opcode::kSin:
    case Opcode::kCos:
    case Opcode::kTan:
      return kSineTurns;
    case Opcode::kErfinv:
      return loop(2);
    case Opcode::kLgamma:
      return Turns(3 * loop(6).count);
    case Opcode::kDigamma:
      return loop(10);
    case Opcode::kPhilox:
      return loop(10);
    default:
      return kNoLoops;
  }
}

}  // namespace

Turns turns_of(const Program& program, int width, const Features& features) {
  int64_t count = 0;
  for (const Instruction& in : program.code) count += turns_of(in, features).count;
  return loop(kMaxRank) + Turns(count * width);
}

namespace {

class MapCompiler {
 public:
  MapCompiler(const Program& program, const KernelShape& shape, const Features& features)
      : program_(program), shape_(shape), layout_(program, shape), values_(module_, features), u32_(values_.u32()) {}

  std::vector<uint32_t> compile();

 private:
  void declare_bindings();
  SpirvId buffer_type(uint32_t words);
  SpirvId texel_type();

  SpirvId word(SpirvId group, uint32_t component);  // of the parameters
  SpirvId param(uint32_t group, uint32_t component) { return word(values_.u32_constant(group), component); }
  SpirvId add(SpirvId a, SpirvId b) { return module_.emit(spv::OpIAdd, u32_, {a, b}); }
  SpirvId mul(SpirvId a, SpirvId b) { return module_.emit(spv::OpIMul, u32_, {a, b}); }
  SpirvId divide(SpirvId value, SpirvId magic, SpirvId shift);
  SpirvId load_word(size_t view, SpirvId index, uint32_t component_of_vector, uint32_t words);
  SpirvId pointer(size_t view, SpirvId index, int component);

  void address_strided(SpirvId first);
  void load_vectors(SpirvId granule);
  void evaluate(int lane, SpirvId linear);
  SpirvId source(const Instruction& in, int lane, SpirvId linear);
  SpirvId load_element(size_t view, DType storage, SpirvId element);
  SpirvId vector_element(size_t view, DType storage, int lane);
  SpirvId index_along(int axis, SpirvId linear);
  void store_strided(size_t view, DType storage, SpirvId element, SpirvId value);
  void store_vector(size_t view, DType storage, SpirvId granule, const std::vector<SpirvId>& lanes);
  SpirvId element_of(size_t view, int lane);
  bool in_vectors(size_t view) const {
    return shape_.access[view] == Access::kVector || shape_.access[view] == Access::kTexel;
  }
  SpirvId texels_of(size_t view) { return module_.emit(spv::OpLoad, texel_type(), {buffers_[view]}); }
  DType storage_of(size_t view) const {
    return view < program_.inputs.size() ? program_.inputs[view] : program_.outputs[view - program_.inputs.size()];
  }

  const Program& program_;
  const KernelShape& shape_;
  ParamLayout layout_;
  SpirvModule module_;
  ValueEmitter values_;
  SpirvId u32_;
  SpirvId params_ = 0;
  std::vector<SpirvId> buffers_;              // variables, by view
  std::map<uint32_t, SpirvId> buffer_types_;  // by words of an element
  std::vector<uint32_t> buffer_words_;        // by view
  std::vector<SpirvId> offsets_;              // by view: the strided element's number for lane 0
  std::vector<SpirvId> inner_strides_;        // by view
  std::vector<std::vector<SpirvId>> loaded_;  // by view: words of the granule
  std::vector<SpirvId> lane_values_;          // by instruction
  std::vector<bool> invariant_;               // by instruction: the same in all lanes
};

SpirvId MapCompiler::buffer_type(uint32_t words) {
  SpirvId& type = buffer_types_[words];
  if (type) return type;
  SpirvId element = words == 1 ? u32_ : module_.type_vector(u32_, words);
  SpirvId array = module_.fresh(spv::OpTypeRuntimeArray, 0, {element});
  module_.decorate(array, spv::DecorationArrayStride, {words * 4});
  type = module_.fresh(spv::OpTypeStruct, 0, {array});
  module_.decorate(type, spv::DecorationBlock);
  module_.decorate_member(type, 0, spv::DecorationOffset, {0});
  return type;
}

void MapCompiler::declare_bindings() {
  SpirvId group = module_.type_vector(u32_, 4);
  SpirvId array = module_.fresh(spv::OpTypeArray, 0, {group, module_.constant_u32(layout_.total)});
  module_.decorate(array, spv::DecorationArrayStride, {16});
  SpirvId block = module_.fresh(spv::OpTypeStruct, 0, {array});
  module_.decorate(block, spv::DecorationBlock);
  module_.decorate_member(block, 0, spv::DecorationOffset, {0});
  params_ =
      module_.fresh(spv::OpVariable, module_.type_pointer(spv::StorageClassUniform, block), {spv::StorageClassUniform});
  module_.decorate(params_, spv::DecorationDescriptorSet, {0});
  module_.decorate(params_, spv::DecorationBinding, {0});
  auto texels = static_cast<uint32_t>(std::ranges::count(shape_.access, Access::kTexel));
  uint32_t next_buffer = 1, next_texel = static_cast<uint32_t>(shape_.access.size()) + 1 - texels;
  for (size_t view = 0; view < shape_.access.size(); ++view) {
    bool texel = shape_.access[view] == Access::kTexel;
    buffer_words_.push_back(texel || shape_.access[view] == Access::kVector ? vector_words(storage_of(view)) : 1);
    spv::StorageClass storage = texel ? spv::StorageClassUniformConstant : spv::StorageClassStorageBuffer;
    SpirvId type = module_.type_pointer(storage, texel ? texel_type() : buffer_type(buffer_words_.back()));
    SpirvId variable = module_.fresh(spv::OpVariable, type, {static_cast<uint32_t>(storage)});
    module_.decorate(variable, spv::DecorationDescriptorSet, {0});
    module_.decorate(variable, spv::DecorationBinding, {texel ? next_texel++ : next_buffer++});
    if (!texel) module_.decorate(variable, spv::DecorationAliased);  // an output may be an input
    buffers_.push_back(variable);
  }
}

SpirvId MapCompiler::texel_type() {
  module_.capability(spv::CapabilitySampledBuffer);
  return module_.unique(spv::OpTypeImage, 0, {u32_, spv::DimBuffer, 0, 0, 0, 1, spv::ImageFormatUnknown});
}

SpirvId MapCompiler::word(SpirvId group, uint32_t component) {
  SpirvId type = module_.type_pointer(spv::StorageClassUniform, u32_);
  SpirvId at = module_.emit(spv::OpAccessChain, type,
                            {params_, module_.constant_u32(0), group, module_.constant_u32(component)});
  return module_.emit(spv::OpLoad, u32_, {at});
}

SpirvId MapCompiler::divide(SpirvId value, SpirvId magic, SpirvId shift) {
  SpirvId both = module_.unique(spv::OpTypeStruct, 0, {u32_, u32_});
  SpirvId product = module_.emit(spv::OpUMulExtended, both, {value, magic});
  SpirvId high = module_.emit(spv::OpCompositeExtract, u32_, {product, 1});
  return module_.emit(spv::OpShiftRightLogical, u32_, {add(high, value), shift});
}

// Element `index` of the view's array; `component` of it unless negative.
SpirvId MapCompiler::pointer(size_t view, SpirvId index, int component) {
  SpirvId target = component < 0 && buffer_words_[view] > 1 ? module_.type_vector(u32_, buffer_words_[view]) : u32_;
  SpirvId type = module_.type_pointer(spv::StorageClassStorageBuffer, target);
  if (component < 0) return module_.emit(spv::OpAccessChain, type, {buffers_[view], module_.constant_u32(0), index});
  return module_.emit(
      spv::OpAccessChain, type,
      {buffers_[view], module_.constant_u32(0), index, module_.constant_u32(static_cast<uint32_t>(component))});
}

// Splits the invocation's first element number into coordinates, innermost axis first, and sums each strided view's
// offset.
void MapCompiler::address_strided(SpirvId first) {
  offsets_.assign(shape_.access.size(), 0);
  inner_strides_.assign(shape_.access.size(), 0);
  std::vector<size_t> strided;
  for (size_t view = 0; view < shape_.access.size(); ++view) {
    offsets_[view] = param(layout_.bases + static_cast<uint32_t>(view) / 4, view % 4);
    if (shape_.access[view] == Access::kStrided) strided.push_back(view);
  }
  if (strided.empty()) return;
  SpirvId before = module_.id(), head = module_.id(), body = module_.id(), next = module_.id(), after = module_.id();
  module_.emit_void(spv::OpBranch, {before});
  module_.emit_void(spv::OpLabel, {before});
  module_.emit_void(spv::OpBranch, {head});
  module_.emit_void(spv::OpLabel, {head});
  SpirvId axis = module_.id(), rest = module_.id(), axis_next = module_.id(), rest_next = module_.id();
  module_.emit_void(spv::OpPhi, {u32_, axis, values_.u32_constant(0), before, axis_next, next});
  module_.emit_void(spv::OpPhi, {u32_, rest, first, before, rest_next, next});
  std::vector<SpirvId> sums, sums_next;
  for (size_t view : strided) {
    sums.push_back(module_.id());
    sums_next.push_back(module_.id());
    module_.emit_void(spv::OpPhi, {u32_, sums.back(), offsets_[view], before, sums_next.back(), next});
  }
  SpirvId more = module_.emit(spv::OpULessThan, module_.type_bool(), {axis, param(0, 3)});
  module_.emit_void(spv::OpLoopMerge, {after, next, 0});
  module_.emit_void(spv::OpBranchConditional, {more, body, after});
  module_.emit_void(spv::OpLabel, {body});
  SpirvId record = add(values_.u32_constant(layout_.axes), mul(axis, values_.u32_constant(layout_.axis_groups)));
  SpirvId quotient = divide(rest, word(record, 1), word(record, 2));
  SpirvId coordinate = module_.emit(spv::OpISub, u32_, {rest, mul(quotient, word(record, 0))});
  for (size_t i = 0; i < strided.size(); ++i) {
    SpirvId stride = word(add(record, values_.u32_constant(1 + static_cast<uint32_t>(i) / 4)), i % 4);
    SpirvId step = mul(coordinate, stride);
    module_.emit_void(spv::OpIAdd, {u32_, sums_next[i], sums[i], step});
  }
  module_.emit_void(spv::OpCopyObject, {u32_, rest_next, quotient});
  module_.emit_void(spv::OpIAdd, {u32_, axis_next, axis, values_.u32_constant(1)});
  module_.emit_void(spv::OpBranch, {next});
  module_.emit_void(spv::OpLabel, {next});
  module_.emit_void(spv::OpBranch, {head});
  module_.emit_void(spv::OpLabel, {after});
  for (size_t i = 0; i < strided.size(); ++i) {
    offsets_[strided[i]] = sums[i];
    if (shape_.width > 1) inner_strides_[strided[i]] = param(layout_.axes + 1 + static_cast<uint32_t>(i) / 4, i % 4);
  }
}

void MapCompiler::load_vectors(SpirvId granule) {
  loaded_.assign(shape_.access.size(), {});
  for (size_t view = 0; view < program_.inputs.size(); ++view) {
    if (!in_vectors(view)) continue;
    DType storage = storage_of(view);
    uint32_t words = buffer_words_[view], loads = size_of(storage) == 8 ? 2 : 1;
    SpirvId shift = values_.u32_constant(size_of(storage) == 8 ? 1 : 2);  // elements to array entries
    SpirvId base = module_.emit(spv::OpShiftRightLogical, u32_, {offsets_[view], shift});
    SpirvId at = add(base, loads == 2 ? mul(granule, values_.u32_constant(2)) : granule);
    for (uint32_t i = 0; i < loads; ++i) {
      SpirvId index = i ? add(at, values_.u32_constant(i)) : at;
      bool texel = shape_.access[view] == Access::kTexel, scalar = words == 1 && !texel;
      SpirvId vector = scalar ? u32_ : module_.type_vector(u32_, texel ? 4 : words);
      SpirvId value = texel ? module_.emit(spv::OpImageFetch, vector, {texels_of(view), index})
                            : module_.emit(spv::OpLoad, vector, {pointer(view, index, -1)});
      for (uint32_t k = 0; k < words; ++k)
        loaded_[view].push_back(scalar ? value : module_.emit(spv::OpCompositeExtract, u32_, {value, k}));
    }
  }
}

SpirvId MapCompiler::vector_element(size_t view, DType storage, int lane) {
  const auto& words = loaded_[view];
  int bytes = size_of(storage);
  if (bytes == 8) {
    SpirvId both = module_.emit(spv::OpCompositeConstruct, values_.pair(), {words[2 * lane], words[2 * lane + 1]});
    return values_.from_pair(storage, both);
  }
  if (bytes == 4) return values_.from_bits(storage, words[lane]);
  int per_word = 4 / bytes;
  auto shift = static_cast<uint32_t>(lane % per_word * bytes * 8);
  SpirvId bits = words[lane / per_word];
  bits = module_.emit(spv::OpBitFieldUExtract, u32_,
                      {bits, values_.u32_constant(shift), values_.u32_constant(static_cast<uint32_t>(bytes) * 8)});
  return values_.from_bits(storage, bits);
}

SpirvId MapCompiler::load_element(size_t view, DType storage, SpirvId element) {
  int bytes = size_of(storage);
  auto load = [&](SpirvId index) { return module_.emit(spv::OpLoad, u32_, {pointer(view, index, -1)}); };
  if (bytes == 8) {
    SpirvId at = mul(element, values_.u32_constant(2));
    SpirvId low = load(at), high = load(add(at, values_.u32_constant(1)));
    return values_.from_pair(storage, module_.emit(spv::OpCompositeConstruct, values_.pair(), {low, high}));
  }
  if (bytes == 4) return values_.from_bits(storage, load(element));
  SpirvId at = module_.emit(spv::OpShiftRightLogical, u32_, {element, values_.u32_constant(bytes == 2 ? 1 : 2)});
  SpirvId within = module_.emit(spv::OpBitwiseAnd, u32_, {element, values_.u32_constant(bytes == 2 ? 1 : 3)});
  SpirvId shift = mul(within, values_.u32_constant(static_cast<uint32_t>(bytes) * 8));
  SpirvId bits = module_.emit(spv::OpBitFieldUExtract, u32_,
                              {load(at), shift, values_.u32_constant(static_cast<uint32_t>(bytes) * 8)});
  return values_.from_bits(storage, bits);
}

SpirvId MapCompiler::element_of(size_t view, int lane) {
  if (shape_.access[view] == Access::kUniform || lane == 0) return offsets_[view];
  return add(offsets_[view], mul(inner_strides_[view], values_.u32_constant(static_cast<uint32_t>(lane))));
}

SpirvId MapCompiler::index_along(int axis, SpirvId linear) {
  auto at = static_cast<uint32_t>(std::ranges::find(layout_.index_axes, axis) - layout_.index_axes.begin());
  uint32_t group = layout_.indices + 2 * at;
  SpirvId outer = divide(linear, param(group, 1), param(group, 2));
  SpirvId wrapped = mul(divide(outer, param(group + 1, 0), param(group + 1, 1)), param(group, 3));
  SpirvId coordinate = module_.emit(spv::OpISub, u32_, {outer, wrapped});
  SpirvId base = module_.emit(spv::OpCompositeConstruct, values_.pair(), {param(group + 1, 2), param(group + 1, 3)});
  return values_.i64_add_u32(values_.from_pair(DType::kI64, base), coordinate);
}

SpirvId MapCompiler::source(const Instruction& in, int lane, SpirvId linear) {
  switch (in.opcode) {
    case Opcode::kLoad: {
      DType storage = program_.inputs[in.imm];
      if (in_vectors(in.imm)) return vector_element(in.imm, storage, lane);
      return load_element(in.imm, storage, element_of(in.imm, lane));
    }
    case Opcode::kArg: {
      uint32_t at = layout_.arg_word[in.imm];
      auto arg = [&](uint32_t k) { return param(layout_.args + k / 4, k % 4); };
      if (size_of(in.type) == 8)
        return values_.from_pair(in.type,
                                 module_.emit(spv::OpCompositeConstruct, values_.pair(), {arg(at), arg(at + 1)}));
      return values_.from_bits(in.type, arg(at));
    }
    case Opcode::kConst:
      return values_.constant(in.type, program_.constants[in.imm]);
    case Opcode::kIndex:
      return index_along(in.imm, linear);
    default: {
      SpirvId base = module_.emit(spv::OpCompositeConstruct, values_.pair(), {param(0, 1), param(0, 2)});
      return values_.i64_add_u32(values_.from_pair(DType::kI64, base), linear);
    }
  }
}

void MapCompiler::evaluate(int lane, SpirvId linear) {
  lane_values_.resize(program_.code.size());
  invariant_.resize(program_.code.size());
  for (size_t i = 0; i < program_.code.size(); ++i) {
    const Instruction& in = program_.code[i];
    if (lane > 0 && invariant_[i]) continue;
    int operands = info_of(in.opcode).operands;
    if (operands == 0) {
      invariant_[i] = in.opcode == Opcode::kArg || in.opcode == Opcode::kConst ||
                      (in.opcode == Opcode::kLoad && shape_.access[in.imm] == Access::kUniform);
      lane_values_[i] = source(in, lane, linear);
      continue;
    }
    invariant_[i] = invariant_[in.a] && (operands < 2 || invariant_[in.b]) && (operands < 3 || invariant_[in.c]);
    lane_values_[i] = values_.instruction(in, program_.code[in.a].type, lane_values_[in.a],
                                          operands > 1 ? lane_values_[in.b] : 0, operands > 2 ? lane_values_[in.c] : 0);
  }
}

void MapCompiler::store_strided(size_t view, DType storage, SpirvId element, SpirvId value) {
  int bytes = size_of(storage);
  if (bytes == 8) {
    SpirvId words = values_.to_pair(storage, value), at = mul(element, values_.u32_constant(2));
    for (uint32_t k = 0; k < 2; ++k) {
      SpirvId index = k ? add(at, values_.u32_constant(1)) : at;
      module_.emit_void(spv::OpStore,
                        {pointer(view, index, -1), module_.emit(spv::OpCompositeExtract, u32_, {words, k})});
    }
    return;
  }
  SpirvId bits = values_.to_bits(storage, value);
  if (bytes == 4) return module_.emit_void(spv::OpStore, {pointer(view, element, -1), bits});
  // Neighbours in the word belong to other invocations: each clears and sets its own bits only.
  SpirvId at = module_.emit(spv::OpShiftRightLogical, u32_, {element, values_.u32_constant(bytes == 2 ? 1 : 2)});
  SpirvId within = module_.emit(spv::OpBitwiseAnd, u32_, {element, values_.u32_constant(bytes == 2 ? 1 : 3)});
  SpirvId shift = mul(within, values_.u32_constant(static_cast<uint32_t>(bytes) * 8));
  SpirvId mask = module_.emit(spv::OpShiftLeftLogical, u32_, {values_.u32_constant(bytes == 2 ? 0xffff : 0xff), shift});
  SpirvId target = pointer(view, at, -1);
  SpirvId scope = module_.constant_u32(spv::ScopeDevice), relaxed = module_.constant_u32(0);
  module_.emit(spv::OpAtomicAnd, u32_, {target, scope, relaxed, module_.emit(spv::OpNot, u32_, {mask})});
  module_.emit(spv::OpAtomicOr, u32_,
               {target, scope, relaxed, module_.emit(spv::OpShiftLeftLogical, u32_, {bits, shift})});
}

void MapCompiler::store_vector(size_t view, DType storage, SpirvId granule, const std::vector<SpirvId>& lanes) {
  int bytes = size_of(storage);
  std::vector<uint32_t> words;
  if (bytes == 8) {
    for (SpirvId value : lanes) {
      SpirvId pair = values_.to_pair(storage, value);
      for (uint32_t k = 0; k < 2; ++k) words.push_back(module_.emit(spv::OpCompositeExtract, u32_, {pair, k}));
    }
  } else {
    for (int lane = 0; lane < 4; ++lane) {
      SpirvId bits = values_.to_bits(storage, lanes[lane]);
      int per_word = 4 / bytes, within = lane % per_word;
      if (within == 0) {
        words.push_back(bits);
      } else {
        SpirvId shifted = module_.emit(spv::OpShiftLeftLogical, u32_,
                                       {bits, values_.u32_constant(static_cast<uint32_t>(within * bytes) * 8)});
        words.back() = module_.emit(spv::OpBitwiseOr, u32_, {words.back(), shifted});
      }
    }
  }
  uint32_t width = buffer_words_[view], stores = static_cast<uint32_t>(words.size()) / width;
  SpirvId base =
      module_.emit(spv::OpShiftRightLogical, u32_, {offsets_[view], values_.u32_constant(bytes == 8 ? 1 : 2)});
  SpirvId at = add(base, stores == 2 ? mul(granule, values_.u32_constant(2)) : granule);
  for (uint32_t i = 0; i < stores; ++i) {
    SpirvId index = i ? add(at, values_.u32_constant(1)) : at;
    std::span part(words.data() + i * width, width);
    SpirvId value =
        width == 1 ? part[0] : module_.emit(spv::OpCompositeConstruct, module_.type_vector(u32_, width), part);
    module_.emit_void(spv::OpStore, {pointer(view, index, -1), value});
  }
}

std::vector<uint32_t> MapCompiler::compile() {
  declare_bindings();
  SpirvId u32x3 = module_.type_vector(u32_, 3);
  SpirvId input_type = module_.type_pointer(spv::StorageClassInput, u32x3);
  auto builtin = [&](spv::BuiltIn which) {
    SpirvId variable = module_.fresh(spv::OpVariable, input_type, {spv::StorageClassInput});
    module_.decorate(variable, spv::DecorationBuiltIn, {static_cast<uint32_t>(which)});
    return variable;
  };
  SpirvId group = builtin(spv::BuiltInWorkgroupId), groups = builtin(spv::BuiltInNumWorkgroups),
          local = builtin(spv::BuiltInLocalInvocationId);
  SpirvId main = module_.id(), done = module_.id(), work = module_.id();
  module_.entry_point(main, {kMapGroup, 1, 1}, {group, groups, local});
  SpirvId nothing = module_.type_void();
  SpirvId signature = module_.unique(spv::OpTypeFunction, 0, {nothing});
  module_.emit_void(spv::OpFunction, {nothing, main, 0, signature});
  module_.emit_void(spv::OpLabel, {module_.id()});
  auto component = [&](SpirvId variable, uint32_t k) {
    return module_.emit(spv::OpCompositeExtract, u32_, {module_.emit(spv::OpLoad, u32x3, {variable}), k});
  };
  SpirvId row = add(mul(component(group, 1), component(groups, 0)), component(group, 0));
  SpirvId item = add(mul(row, values_.u32_constant(kMapGroup)), component(local, 0));
  SpirvId inside = module_.emit(spv::OpULessThan, module_.type_bool(), {item, param(0, 0)});
  module_.emit_void(spv::OpSelectionMerge, {done, 0});
  module_.emit_void(spv::OpBranchConditional, {inside, work, done});
  module_.emit_void(spv::OpLabel, {work});
  auto start = static_cast<uint32_t>(shape_.access.size());
  SpirvId first =
      add(shape_.width == 1 ? item : mul(item, values_.u32_constant(4)), param(layout_.bases + start / 4, start % 4));
  address_strided(first);
  load_vectors(item);
  std::vector<std::vector<SpirvId>> results(program_.results.size());
  for (int lane = 0; lane < shape_.width; ++lane) {
    evaluate(lane, lane ? add(first, values_.u32_constant(static_cast<uint32_t>(lane))) : first);
    for (size_t k = 0; k < results.size(); ++k) results[k].push_back(lane_values_[program_.results[k]]);
  }
  for (size_t k = 0; k < results.size(); ++k) {
    size_t view = program_.inputs.size() + k;
    if (shape_.access[view] == Access::kVector) {
      store_vector(view, program_.outputs[k], item, results[k]);
    } else {
      for (int lane = 0; lane < shape_.width; ++lane)
        store_strided(view, program_.outputs[k], element_of(view, lane), results[k][lane]);
    }
  }
  module_.emit_void(spv::OpBranch, {done});
  module_.emit_void(spv::OpLabel, {done});
  module_.emit_void(spv::OpReturn, {});
  module_.emit_void(spv::OpFunctionEnd, {});
  values_.declare_modes();
  return module_.finish();
}

}  // namespace

std::vector<uint32_t> compile_map(const Program& program, const KernelShape& shape, const Features& features) {
  return MapCompiler(program, shape, features).compile();
}

}  // namespace lineshaft::vulkan
