#include "backends/cpu/program/plan.h"

#include <memory>
#include <string>
#include <unordered_map>

#include "lineshaft/base/error.h"
#include "lineshaft/device/counters.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kTileBytes = 24 << 10;  // registers of a tile: well inside L1
constexpr int64_t kMinTile = 128, kMaxTile = 2048;
// Where computing takes longer than loading, tiles are so short that the processor loads the next while it computes.
constexpr int64_t kComputingTile = 512;
constexpr uint16_t kNowhere = 0xffff;

int operand(const Instruction& in, int which) {
  return which == 0 ? in.a : which == 1 ? in.b : in.c;
}

int weight_of(const Instruction& in) {
  if (in.opcode >= Opcode::kExp && in.opcode <= Opcode::kHypot) return 12;
  if (in.opcode >= Opcode::kErfinv && in.opcode <= Opcode::kDigamma) return 200;
  if (in.opcode == Opcode::kPhilox || in.opcode == Opcode::kRem || in.opcode == Opcode::kPow) return 12;
  return 1;
}

Kernel kernel_for(const Kernels& table, const Program& program, const Instruction& in) {
  Kernel kernel = nullptr;
  switch (in.opcode) {
    case Opcode::kCast:
      kernel = table.cast[type_index(program.code[in.a].type)][type_index(in.type)];
      break;
    case Opcode::kNarrow:
      kernel = table.narrow[in.imm];
      break;
    case Opcode::kBitcast:
      kernel = table.copy_value[type_index(in.type)];
      break;
    case Opcode::kSelect:
      kernel = table.op[static_cast<int>(in.opcode)][type_index(in.type)];
      break;
    default:
      kernel = table.op[static_cast<int>(in.opcode)][type_index(program.code[in.a].type)];
  }
  if (!kernel)
    fail(ErrorCode::kInternal, "the CPU backend has no kernel for ", info_of(in.opcode).name, ".", name_of(in.type));
  return kernel;
}

class Compiler {
 public:
  Compiler(ProgramRef program, std::span<const InputMode> inputs, std::span<const OutputMode> outputs,
           std::span<const uint64_t> aliases)
      : program_(*program),
        table_(kernels()),
        inputs_(inputs.begin(), inputs.end()),
        outputs_(outputs),
        aliases_(aliases) {
    plan_.program = program;
    values_.resize(program_.code.size());
  }

  Plan compile() {
    keep_swapped_inputs();
    mark_uniform();
    for (size_t i = 0; i < program_.code.size(); ++i)
      if (values_[i].uniform) add_uniform(static_cast<uint16_t>(i));
    schedule();
    choose_direct_outputs();
    allocate();
    emit();
    return std::move(plan_);
  }

 private:
  struct Value {
    bool uniform = false;
    uint16_t slot = kNowhere;  // splat number
    int scheduled = -1;        // position in order_
    int last_use = -1;         // position in order_; results last to the end
    int direct = -1;           // output that the value is written to
    int reg = -1;
  };

  // An input that some output overwrites must not be read where it lies when the tile's outputs are stored.
  void keep_swapped_inputs() {
    uint64_t overwritten = 0;
    for (uint64_t mask : aliases_) overwritten |= mask;
    for (uint16_t result : program_.results) {
      const Instruction& in = program_.code[result];
      if (in.opcode == Opcode::kLoad && inputs_[in.imm] == InputMode::kDirect && (overwritten >> in.imm & 1))
        inputs_[in.imm] = InputMode::kLoaded;
    }
  }

  void mark_uniform() {
    for (size_t i = 0; i < program_.code.size(); ++i) {
      const Instruction& in = program_.code[i];
      bool uniform = true;
      if (in.opcode == Opcode::kLoad) uniform = inputs_[in.imm] == InputMode::kSplat;
      if (in.opcode == Opcode::kIndex || in.opcode == Opcode::kLinear) uniform = false;
      for (int k = 0; k < info_of(in.opcode).operands; ++k) uniform &= values_[operand(in, k)].uniform;
      values_[i].uniform = uniform;
    }
  }

  void add_uniform(uint16_t i) {
    const Instruction& in = program_.code[i];
    values_[i].slot = static_cast<uint16_t>(plan_.splats++);
    UniformStep step{.opcode = in.opcode, .type = in.type, .slot = values_[i].slot, .imm = in.imm};
    int operands = info_of(in.opcode).operands;
    if (in.opcode == Opcode::kLoad) step.block = table_.load[static_cast<int>(program_.inputs[in.imm])];
    if (in.opcode == Opcode::kConst) step.constant = program_.constants[in.imm];
    if (operands > 0) step.kernel = kernel_for(table_, program_, in), step.a = values_[in.a].slot;
    if (operands > 1) step.b = values_[in.b].slot;
    if (operands > 2) step.c = values_[in.c].slot;
    plan_.uniform.push_back(step);
  }

  bool is_direct_load(int i) const {
    const Instruction& in = program_.code[i];
    return in.opcode == Opcode::kLoad && inputs_[in.imm] == InputMode::kDirect;
  }

  // The order of the varying values: as the program has them, loads just before their first use.
  void schedule() {
    for (int i = 0; i < static_cast<int>(program_.code.size()); ++i) {
      const Instruction& in = program_.code[i];
      if (values_[i].uniform || in.opcode == Opcode::kLoad) continue;
      for (int k = 0; k < info_of(in.opcode).operands; ++k) place_load(operand(in, k));
      place(i);
      for (int k = 0; k < info_of(in.opcode).operands; ++k) values_[operand(in, k)].last_use = values_[i].scheduled;
      plan_.weight += weight_of(in);
    }
    for (uint16_t result : program_.results) place_load(result);
    for (uint16_t result : program_.results) values_[result].last_use = static_cast<int>(order_.size());
  }
  void place(int i) {
    values_[i].scheduled = static_cast<int>(order_.size());
    order_.push_back(i);
  }
  void place_load(int i) {
    if (program_.code[i].opcode != Opcode::kLoad || values_[i].uniform || values_[i].scheduled >= 0) return;
    if (is_direct_load(i))
      values_[i].scheduled = static_cast<int>(order_.size());
    else
      place(i);
  }

  // The last moment at which memory of input `input` is read before outputs are stored.
  int last_touch(int input) const {
    int touch = -1;
    for (size_t i = 0; i < program_.code.size(); ++i) {
      const Instruction& in = program_.code[i];
      if (in.opcode != Opcode::kLoad || in.imm != input || values_[i].uniform) continue;
      touch = std::max(touch, is_direct_load(static_cast<int>(i)) ? values_[i].last_use : values_[i].scheduled);
    }
    return touch;
  }

  void choose_direct_outputs() {
    for (size_t k = 0; k < outputs_.size(); ++k) {
      Value& value = values_[program_.results[k]];
      if (outputs_[k] != OutputMode::kDirect || value.uniform || value.direct >= 0) continue;
      if (is_direct_load(program_.results[k])) continue;
      bool safe = true;
      for (int i = 0; i < static_cast<int>(inputs_.size()); ++i)
        if (aliases_[k] >> i & 1) safe &= last_touch(i) <= value.scheduled;
      if (safe) value.direct = static_cast<int>(k);
    }
  }

  struct Register {
    int size;
    int free_at;  // position after which it may be taken
  };

  int take_register(int size, int now) {
    for (size_t r = 0; r < pool_.size(); ++r)
      if (pool_[r].size == size && pool_[r].free_at <= now) return pool_[r].free_at = 1 << 30, static_cast<int>(r);
    pool_.push_back({size, 1 << 30});
    return static_cast<int>(pool_.size()) - 1;
  }

  // Linear scan. An operand's register may become the result's: kernels work in place where element sizes are equal,
  // and registers are shared among values of one size only.
  void allocate() {
    for (int now = 0; now < static_cast<int>(order_.size()); ++now) {
      int i = order_[now];
      const Instruction& in = program_.code[i];
      for (int k = 0; k < info_of(in.opcode).operands; ++k) {
        Value& value = values_[operand(in, k)];
        if (value.reg >= 0 && value.last_use == now) pool_[value.reg].free_at = now;
      }
      if (values_[i].direct < 0) {
        values_[i].reg = take_register(size_of(in.type), now);
        if (values_[i].last_use < 0) pool_[values_[i].reg].free_at = now + 1;
      }
    }
    // Outputs stored from memory or splats pass through a register.
    int64_t bytes = 0;
    for (const Register& reg : pool_) bytes += reg.size;
    bool spare = false;
    for (size_t k = 0; k < outputs_.size(); ++k)
      spare |= values_[program_.results[k]].uniform && outputs_[k] == OutputMode::kStored;
    if (spare) spare_ = take_register(8, 1 << 29), bytes += 8;
    int64_t capacity = plan_.computes() ? kComputingTile : kMaxTile;
    while (capacity > kMinTile && capacity * bytes > kTileBytes) capacity /= 2;
    plan_.capacity = capacity;
    int64_t at = 0;
    for (const Register& reg : pool_) {
      plan_.registers.push_back(static_cast<uint32_t>(at));
      at += reg.size * capacity + 64;  // staggered, so that registers do not share cache sets
    }
    plan_.register_bytes = at;
  }

  Place place_of(int i) const {
    const Value& value = values_[i];
    if (value.uniform) return {Place::kSplat, value.slot};
    if (is_direct_load(i)) return {Place::kInput, program_.code[i].imm};
    if (value.direct >= 0) return {Place::kOutput, static_cast<uint16_t>(value.direct)};
    return {Place::kRegister, static_cast<uint16_t>(value.reg)};
  }

  void emit() {
    for (int i : order_) {
      const Instruction& in = program_.code[i];
      PlanStep step{.out = place_of(i), .imm = in.imm};
      int operands = info_of(in.opcode).operands;
      if (in.opcode == Opcode::kLoad) {
        step.kind = PlanStep::kLoad;
        step.block = table_.load[static_cast<int>(program_.inputs[in.imm])];
      } else if (in.opcode == Opcode::kIndex || in.opcode == Opcode::kLinear) {
        step.kind = PlanStep::kIndex;
        step.imm = static_cast<uint16_t>(plan_.index_sources++);
      } else {
        step.kernel = kernel_for(table_, program_, in);
        step.a = place_of(in.a);
        if (operands > 1) step.b = place_of(in.b);
        if (operands > 2) step.c = place_of(in.c);
      }
      plan_.steps.push_back(step);
    }
    for (size_t k = 0; k < outputs_.size(); ++k) emit_store(k);
  }

  void emit_store(size_t k) {
    int result = program_.results[k];
    if (values_[result].direct == static_cast<int>(k)) return;
    Place from = place_of(result);
    Kernel copy = table_.copy_value[type_index(program_.code[result].type)];
    auto number = static_cast<uint16_t>(k);
    if (outputs_[k] == OutputMode::kDirect) {
      plan_.steps.push_back({.kernel = copy, .out = {Place::kOutput, number}, .a = from});
      return;
    }
    if (from.kind == Place::kSplat) {
      Place spare{Place::kRegister, static_cast<uint16_t>(spare_)};
      plan_.steps.push_back({.kernel = copy, .out = spare, .a = from});
      from = spare;
    }
    plan_.steps.push_back({.kind = PlanStep::kStore,
                           .block = table_.store[static_cast<int>(program_.outputs[k])],
                           .a = from,
                           .imm = number});
  }

  const Program& program_;
  const Kernels& table_;
  std::vector<InputMode> inputs_;
  std::span<const OutputMode> outputs_;
  std::span<const uint64_t> aliases_;
  std::vector<Value> values_;
  std::vector<int> order_;
  std::vector<Register> pool_;
  int spare_ = -1;
  Plan plan_;
};

struct KeptPlans {
  std::unordered_map<std::string, std::unique_ptr<const Plan>> by_key;
  std::string key;  // of the plan that is looked for: its memory serves each search
};

}  // namespace

const Plan& plan_for(Context& context, ProgramRef program, std::span<const InputMode> inputs,
                     std::span<const OutputMode> outputs, std::span<const uint64_t> aliases) {
  auto& kept = context.kept<KeptPlans>();
  std::string& key = kept.key;
  key.clear();
  auto add = [&key](const auto* data, size_t count) {
    auto bytes = std::as_bytes(std::span(data, count));
    key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  Isa isa = current_isa();
  add(&program, 1);
  add(&isa, 1);
  add(inputs.data(), inputs.size());
  add(outputs.data(), outputs.size());
  for (uint64_t mask : aliases)
    if (mask) {
      add(aliases.data(), aliases.size());
      break;
    }
  if (auto known = kept.by_key.find(key); known != kept.by_key.end()) return *known->second;
  auto plan = std::make_unique<const Plan>(Compiler(program, inputs, outputs, aliases).compile());
  count_compilation();
  return *kept.by_key.emplace(key, std::move(plan)).first->second;
}

}  // namespace lineshaft::cpu
