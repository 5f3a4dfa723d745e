#include "backends/cpu/program/index_sources.h"

#include <unordered_map>

namespace lineshaft::cpu {

std::vector<int> index_sources(const Program& program) {
  std::vector<int> sources;
  if (!program.uses_index) return sources;
  for (const Instruction& in : program.code) {
    if (in.opcode == Opcode::kLinear) sources.push_back(kLinearSource);
    if (in.opcode == Opcode::kIndex) sources.push_back(in.imm);
  }
  return sources;
}

Strides source_strides(int source, std::span<const int64_t> sizes) {
  Strides strides{};
  if (source >= 0) {
    strides[source] = 1;
    return strides;
  }
  int64_t stride = 1;
  for (int i = static_cast<int>(sizes.size()) - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= sizes[i];
  }
  return strides;
}

ProgramRef widened(Context& context, ProgramRef program) {
  bool wide = true;
  for (DType type : program->outputs) wide &= is_compute_type(type);
  if (wide) return program;
  struct Known {
    std::unordered_map<ProgramRef, ProgramRef> widened;
  };
  auto& known = context.kept<Known>().widened;
  if (auto found = known.find(program); found != known.end()) return found->second;
  Program copy = *program;
  copy.uses_index = false;
  for (size_t k = 0; k < copy.outputs.size(); ++k) {
    DType storage = copy.outputs[k], type = compute_type(storage);
    if (storage == type) continue;
    copy.code.push_back({Opcode::kNarrow, type, static_cast<uint16_t>(storage), copy.results[k]});
    copy.results[k] = static_cast<uint16_t>(copy.code.size() - 1);
    copy.outputs[k] = type;
  }
  return known.emplace(program, intern(copy)).first->second;
}

}  // namespace lineshaft::cpu
