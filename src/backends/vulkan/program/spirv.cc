#include "backends/vulkan/program/spirv.h"

#include <algorithm>
#include <cstring>

namespace lineshaft::vulkan {

void append_instruction(std::vector<uint32_t>& out, spv::Op op, std::span<const uint32_t> operands) {
  out.push_back(static_cast<uint32_t>(operands.size() + 1) << 16 | static_cast<uint32_t>(op));
  out.insert(out.end(), operands.begin(), operands.end());
}

std::vector<uint32_t> string_words(std::string_view text) {
  std::vector<uint32_t> words(text.size() / 4 + 1, 0);
  std::memcpy(words.data(), text.data(), text.size());
  return words;
}

bool has_loops(std::span<const uint32_t> words) {
  constexpr size_t kHeader = 5;
  for (size_t at = kHeader; at < words.size(); at += std::max<uint32_t>(words[at] >> 16, 1))
    if ((words[at] & 0xffff) == spv::OpLoopMerge && !(words[at + 3] & spv::LoopControlUnrollMask)) return true;
  return false;
}

void SpirvModule::extension(std::string_view name) {
  std::vector<uint32_t> words = string_words(name);
  for (const auto& known : extensions_)
    if (known == words) return;
  extensions_.push_back(std::move(words));
}

SpirvId SpirvModule::glsl() {
  if (!glsl_) glsl_ = id();
  return glsl_;
}

SpirvId SpirvModule::unique(spv::Op op, SpirvId type, std::span<const uint32_t> operands) {
  std::vector<uint32_t> key{static_cast<uint32_t>(op), type};
  key.insert(key.end(), operands.begin(), operands.end());
  auto [found, made] = known_.try_emplace(std::move(key), 0);
  if (made) {
    found->second = id();
    std::vector<uint32_t> words;
    if (type) words.push_back(type);
    words.push_back(found->second);
    words.insert(words.end(), operands.begin(), operands.end());
    append_instruction(globals_, op, words);
  }
  return found->second;
}

SpirvId SpirvModule::fresh(spv::Op op, SpirvId type, std::initializer_list<uint32_t> operands) {
  SpirvId result = id();
  std::vector<uint32_t> words;
  if (type) words.push_back(type);
  words.push_back(result);
  words.insert(words.end(), operands.begin(), operands.end());
  append_instruction(globals_, op, words);
  return result;
}

void SpirvModule::decorate(SpirvId target, spv::Decoration decoration, std::initializer_list<uint32_t> operands) {
  std::vector<uint32_t> words{target, static_cast<uint32_t>(decoration)};
  words.insert(words.end(), operands.begin(), operands.end());
  append_instruction(decorations_, spv::OpDecorate, words);
}

void SpirvModule::decorate_member(SpirvId type, uint32_t member, spv::Decoration decoration,
                                  std::initializer_list<uint32_t> operands) {
  std::vector<uint32_t> words{type, member, static_cast<uint32_t>(decoration)};
  words.insert(words.end(), operands.begin(), operands.end());
  append_instruction(decorations_, spv::OpMemberDecorate, words);
}

SpirvId SpirvModule::emit(spv::Op op, SpirvId type, std::span<const uint32_t> operands) {
  SpirvId result = id();
  std::vector<uint32_t> words{type, result};
  words.insert(words.end(), operands.begin(), operands.end());
  append_instruction(body_, op, words);
  // Fused and unfused programs give the same bits only if no driver contracts multiplications and additions.
  if (op == spv::OpFAdd || op == spv::OpFSub || op == spv::OpFMul) decorate(result, spv::DecorationNoContraction);
  return result;
}

void SpirvModule::emit_void(spv::Op op, std::initializer_list<uint32_t> operands) {
  append_instruction(body_, op, std::span(operands.begin(), operands.size()));
}

void SpirvModule::entry_point(SpirvId function, std::array<uint32_t, 3> local_size, std::vector<SpirvId> interface) {
  entry_function_ = function;
  std::vector<uint32_t> words{spv::ExecutionModelGLCompute, function};
  for (uint32_t word : string_words("main")) words.push_back(word);
  words.insert(words.end(), interface.begin(), interface.end());
  append_instruction(entry_, spv::OpEntryPoint, words);
  execution_mode({spv::ExecutionModeLocalSize, local_size[0], local_size[1], local_size[2]});
}

void SpirvModule::execution_mode(std::initializer_list<uint32_t> operands) {
  std::vector<uint32_t> words{entry_function_};
  words.insert(words.end(), operands.begin(), operands.end());
  append_instruction(modes_, spv::OpExecutionMode, words);
}

std::vector<uint32_t> SpirvModule::finish() const {
  std::vector<uint32_t> out{spv::MagicNumber, 0x00010300, 0, next_id_, 0};
  for (spv::Capability capability : capabilities_)
    append_instruction(out, spv::OpCapability, std::array{static_cast<uint32_t>(capability)});
  for (const auto& words : extensions_) append_instruction(out, spv::OpExtension, words);
  if (glsl_) {
    std::vector<uint32_t> words{glsl_};
    for (uint32_t word : string_words("GLSL.std.450")) words.push_back(word);
    append_instruction(out, spv::OpExtInstImport, words);
  }
  append_instruction(out, spv::OpMemoryModel,
                     std::array<uint32_t, 2>{spv::AddressingModelLogical, spv::MemoryModelGLSL450});
  for (const auto* section : {&entry_, &modes_, &decorations_, &globals_, &body_, &linked_})
    out.insert(out.end(), section->begin(), section->end());
  return out;
}

}  // namespace lineshaft::vulkan
