#include "program/compose.h"

#include <mutex>
#include <unordered_map>

namespace lineshaft {
namespace {

// Results by the bytes of the question. Programs live forever, so entries never go stale.
class Memo {
 public:
  ProgramRef find(const std::string& key) {
    std::lock_guard lock(mutex_);
    auto found = table_.find(key);
    return found == table_.end() ? nullptr : found->second;
  }
  ProgramRef remember(const std::string& key, ProgramRef program) {
    std::lock_guard lock(mutex_);
    return table_.try_emplace(key, program).first->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, ProgramRef> table_;
};

Memo& memo() {
  static auto* table = new Memo;
  return *table;
}

template <class T>
void append(std::string& key, const T& value) {
  auto bytes = std::as_bytes(std::span(&value, 1));
  key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Appends `source`'s code to `target`. `loads[i]` is the value that input i is; new inputs have been added to
// target.inputs.
std::vector<uint16_t> append_code(Program& target, const Program& source, size_t first_arg,
                                  const std::vector<int>& loads, const std::vector<int>& new_inputs) {
  std::vector<uint16_t> renamed(source.code.size());
  for (size_t i = 0; i < source.code.size(); ++i) {
    Instruction next = source.code[i];
    int operands = info_of(next.opcode).operands;
    if (operands > 0) next.a = renamed[next.a];
    if (operands > 1) next.b = renamed[next.b];
    if (operands > 2) next.c = renamed[next.c];
    if (next.opcode == Opcode::kLoad) {
      if (loads[next.imm] >= 0) {
        renamed[i] = static_cast<uint16_t>(loads[next.imm]);
        continue;
      }
      next.imm = static_cast<uint16_t>(new_inputs[next.imm]);
    } else if (next.opcode == Opcode::kArg) {
      next.imm = static_cast<uint16_t>(next.imm + first_arg);
    } else if (next.opcode == Opcode::kConst) {
      target.constants.push_back(source.constants[next.imm]);
      next.imm = static_cast<uint16_t>(target.constants.size() - 1);
    }
    renamed[i] = static_cast<uint16_t>(target.code.size());
    target.code.push_back(next);
  }
  return renamed;
}

// The value of output `k` as a load of it would give it.
uint16_t stored_value(Program& program, size_t k) {
  DType storage = program.outputs[k];
  uint16_t value = program.results[k];
  if (is_compute_type(storage)) return value;
  program.code.push_back({Opcode::kNarrow, compute_type(storage), static_cast<uint16_t>(storage), value});
  return static_cast<uint16_t>(program.code.size() - 1);
}

Program composed(const Program& first, const Program& second, std::span<const Wire> wires,
                 std::span<const uint8_t> replaced) {
  Program result = first;
  result.uses_index = false;
  std::vector<int> loads(second.inputs.size(), -1), inputs(second.inputs.size(), -1);
  for (size_t i = 0; i < wires.size(); ++i) {
    if (wires[i].source == Wire::kFirstOutput) {
      loads[i] = stored_value(result, wires[i].index);
    } else if (wires[i].source == Wire::kFirstInput) {
      inputs[i] = wires[i].index;
    } else {
      inputs[i] = static_cast<int>(first.inputs.size()) + wires[i].index;
      if (inputs[i] == static_cast<int>(result.inputs.size())) result.inputs.push_back(second.inputs[i]);
    }
  }
  result.args.insert(result.args.end(), second.args.begin(), second.args.end());
  auto renamed = append_code(result, second, first.args.size(), loads, inputs);
  for (size_t k = 0; k < second.outputs.size(); ++k) {
    uint16_t value = renamed[second.results[k]];
    if (replaced[k] == kNotReplaced) {
      result.outputs.push_back(second.outputs[k]);
      result.results.push_back(value);
    } else {
      result.outputs[replaced[k]] = second.outputs[k];
      result.results[replaced[k]] = value;
    }
  }
  return result;
}

}  // namespace

ProgramRef compose(ProgramRef first, ProgramRef second, std::span<const Wire> wires,
                   std::span<const uint8_t> replaced) {
  static thread_local std::string key;  // only its memory outlives the call: a search in the memo allocates nothing
  key.clear();
  append(key, first);
  append(key, second);
  for (const Wire& wire : wires) append(key, wire);
  for (uint8_t output : replaced) append(key, output);
  if (ProgramRef known = memo().find(key)) return known;
  return memo().remember(key, intern(composed(*first, *second, wires, replaced)));
}

ProgramRef keep_outputs(ProgramRef program, uint64_t kept) {
  std::string key;
  append(key, program);
  append(key, kept);
  key += "keep";
  if (ProgramRef known = memo().find(key)) return known;
  Program fewer = *program;
  fewer.outputs.clear();
  fewer.results.clear();
  for (size_t k = 0; k < program->outputs.size(); ++k) {
    if (!(kept >> k & 1)) continue;
    fewer.outputs.push_back(program->outputs[k]);
    fewer.results.push_back(program->results[k]);
  }
  fewer.uses_index = false;
  return memo().remember(key, intern(fewer));
}

}  // namespace lineshaft
