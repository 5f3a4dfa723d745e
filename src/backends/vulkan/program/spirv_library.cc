#include "backends/vulkan/program/spirv_library.h"

#include "lineshaft/base/error.h"

namespace lineshaft::vulkan {
namespace {

struct Shape {
  bool has_type = false;    // word 1 is the result's type
  bool has_result = false;  // the word after it is the result
};

Shape shape_of(spv::Op op) {
  Shape shape;
  spv::HasResultAndType(op, &shape.has_result, &shape.has_type);
  return shape;
}

// Whether operand `index`, counted from 0 after type and result, is an id. Written for what glslang makes of plain
// arithmetic functions.
bool operand_is_id(spv::Op op, size_t index) {
  switch (op) {
    case spv::OpTypeInt:
    case spv::OpTypeFloat:
    case spv::OpConstant:
    case spv::OpVariable:
      return false;
    case spv::OpTypeVector:
    case spv::OpLoad:
    case spv::OpCompositeExtract:
    case spv::OpSelectionMerge:
      return index == 0;
    case spv::OpStore:
    case spv::OpLoopMerge:
    case spv::OpCompositeInsert:
    case spv::OpVectorShuffle:
      return index < 2;
    case spv::OpTypePointer:
    case spv::OpFunction:
      return index == 1;
    case spv::OpExtInst:
      return index != 1;
    case spv::OpBranchConditional:
      return index < 3;
    case spv::OpSwitch:
      fail(ErrorCode::kInternal, "a library function has a switch; write it with if");
    default:
      return true;
  }
}

}  // namespace

SpirvLibrary::SpirvLibrary(std::span<const uint32_t> all) : words(all) {
  std::unordered_map<SpirvId, std::string> named;
  SpirvId function = 0;
  uint32_t function_begin = 0;
  for (uint32_t at = 5; at < words.size();) {
    uint32_t length = words[at] >> 16;
    auto op = static_cast<spv::Op>(words[at] & 0xffff);
    Shape shape = shape_of(op);
    if (op == spv::OpCapability) capabilities.push_back(static_cast<spv::Capability>(words[at + 1]));
    if (op == spv::OpExtInstImport) glsl = words[at + 1];
    if (op == spv::OpName) named[words[at + 1]] = reinterpret_cast<const char*>(&words[at + 2]);
    if (op == spv::OpFunction) {
      function = words[at + 2];
      function_begin = at;
    } else if (!function && shape.has_result && op != spv::OpExtInstImport) {
      globals[words[at + (shape.has_type ? 2 : 1)]] = {at, at + length};
    }
    at += length;
    if (op == spv::OpFunctionEnd) {
      functions[function] = {function_begin, at};
      std::string name = named[function];
      names[name.substr(0, name.find('('))] = function;
      function = 0;
    }
  }
}

SpirvId SpirvLinker::function(const std::string& name) {
  auto found = library_.names.find(name);
  if (found == library_.names.end()) fail(ErrorCode::kInternal, "the kernel library has no function ", name);
  if (!declared_) {
    for (spv::Capability capability : library_.capabilities) module_.capability(capability);
    declared_ = true;
  }
  SpirvId result = translate(found->second);
  while (!queue_.empty()) {
    SpirvId next = queue_.back();
    queue_.pop_back();
    copy_body(library_.functions.at(next));
  }
  return result;
}

SpirvId SpirvLinker::translate(SpirvId old) {
  if (old == library_.glsl) return module_.glsl();
  auto [found, fresh] = renamed_.try_emplace(old, 0);
  if (!fresh) return found->second;
  auto global = library_.globals.find(old);
  SpirvId made;
  if (global == library_.globals.end()) {
    made = module_.id();
    if (library_.functions.contains(old)) queue_.push_back(old);
  } else {
    auto [begin, end] = global->second;
    auto op = static_cast<spv::Op>(library_.words[begin] & 0xffff);
    Shape shape = shape_of(op);
    SpirvId type = shape.has_type ? translate(library_.words[begin + 1]) : 0;
    std::vector<uint32_t> operands;
    for (uint32_t at = begin + 1 + shape.has_type + shape.has_result, i = 0; at < end; ++at, ++i)
      operands.push_back(operand_is_id(op, i) ? translate(library_.words[at]) : library_.words[at]);
    made = module_.unique(op, type, operands);
  }
  renamed_[old] = made;
  return made;
}

void SpirvLinker::copy_body(SpirvLibrary::Span body) {
  std::vector<uint32_t> out;
  for (uint32_t at = body.begin; at < body.end;) {
    uint32_t length = library_.words[at] >> 16;
    auto op = static_cast<spv::Op>(library_.words[at] & 0xffff);
    Shape shape = shape_of(op);
    uint32_t first = at + 1 + shape.has_type + shape.has_result;
    std::vector<uint32_t> operands;
    for (uint32_t word = at + 1; word < at + length; ++word)
      operands.push_back(word < first || operand_is_id(op, word - first) ? translate(library_.words[word])
                                                                         : library_.words[word]);
    append_instruction(out, op, operands);
    if (op == spv::OpFAdd || op == spv::OpFSub || op == spv::OpFMul)
      module_.decorate(operands[1], spv::DecorationNoContraction);
    at += length;
  }
  auto& target = module_.linked_functions();
  target.insert(target.end(), out.begin(), out.end());
}

}  // namespace lineshaft::vulkan
