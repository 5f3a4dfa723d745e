#include "backends/cpu/program/runner.h"

#include <cstring>

namespace lineshaft::cpu {
namespace {

// Repeats the first element throughout a splat slot.
template <class T>
void repeat_as(std::byte* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  for (int i = 0; i < kSplatBytes / static_cast<int>(sizeof(T)); ++i)
    std::memcpy(slot + i * static_cast<int>(sizeof(T)), &value, sizeof value);
}
void repeat(std::byte* slot, int size) {
  size == 4 ? repeat_as<uint32_t>(slot) : size == 8 ? repeat_as<uint64_t>(slot) : repeat_as<uint8_t>(slot);
}

void put_scalar(std::byte* slot, Scalar value, DType type) {
  auto put = [&](auto typed) { std::memcpy(slot, &typed, sizeof typed); };
  switch (type) {
    case DType::kF64:
      return put(value.as_double());
    case DType::kF32:
      return put(static_cast<float>(value.as_double()));
    case DType::kI64:
      return put(value.as_int());
    case DType::kI32:
      return put(static_cast<int32_t>(value.as_int()));
    default:
      return put(static_cast<uint8_t>(value.as_int() != 0));
  }
}

}  // namespace

TileRunner::TileRunner(const Plan& plan, List<Scalar> args)
    : plan_(plan),
      args_(args),
      inputs_(plan.program->inputs.size()),
      outputs_(plan.program->outputs.size()),
      indices_(plan.index_sources),
      splat_sources_(plan.program->inputs.size()) {
  size_t bytes = plan.splats * kSplatBytes + plan.register_bytes;
  if (bytes > sizeof few_) memory_ = AlignedMemory(bytes);
  splats_ = bytes > sizeof few_ ? memory_.get() : few_;
  registers_ = splats_ + plan.splats * kSplatBytes;
}

void* TileRunner::resolve(Place place) {
  switch (place.kind) {
    case Place::kRegister:
      return registers_ + plan_.registers[place.at];
    case Place::kSplat:
      return splat(place.at);
    case Place::kInput:
      return inputs_[place.at].data;
    case Place::kOutput:
      return outputs_[place.at].data;
    default:
      return nullptr;
  }
}

bool TileRunner::uniform_moved() {
  bool moved = !evaluated_;
  for (const UniformStep& step : plan_.uniform) {
    if (step.opcode != Opcode::kLoad || splat_sources_[step.imm] == inputs_[step.imm].data) continue;
    splat_sources_[step.imm] = inputs_[step.imm].data;
    moved = true;
  }
  return moved;
}

void TileRunner::evaluate_uniform() {
  for (const UniformStep& step : plan_.uniform) {
    std::byte* slot = splat(step.slot);
    switch (step.opcode) {
      case Opcode::kLoad:
        step.block({.tile = slot, .data = inputs_[step.imm].data, .cols = 1});
        break;
      case Opcode::kConst:
        put_scalar(slot, step.constant, step.type);
        break;
      case Opcode::kArg:
        put_scalar(slot, args_[step.imm], step.type);
        break;
      default:
        step.kernel({.out = slot,
                     .a = splat(step.a),
                     .b = splat(step.b),
                     .c = splat(step.c),
                     .n = 1,
                     .imm = step.imm,
                     .splat = 7});
    }
    repeat(slot, size_of(step.type));
  }
  evaluated_ = true;
}

void TileRunner::fill_index(const PlanStep& step, int64_t rows, int64_t cols) {
  const TileOperand& source = indices_[step.imm];
  auto base = reinterpret_cast<int64_t>(source.data);
  auto* out = static_cast<int64_t*>(resolve(step.out));
  for (int64_t r = 0; r < rows; ++r, out += cols) {
    int64_t first = base + r * source.row_stride;
    for (int64_t c = 0; c < cols; ++c) out[c] = first + c * source.col_stride;
  }
}

void TileRunner::run(int64_t rows, int64_t cols) {
  if (uniform_moved()) evaluate_uniform();
  for (const PlanStep& step : plan_.steps) {
    switch (step.kind) {
      case PlanStep::kKernel: {
        auto splat_bit = [](Place place, int bit) { return place.kind == Place::kSplat ? bit : 0; };
        step.kernel(
            {.out = resolve(step.out),
             .a = resolve(step.a),
             .b = resolve(step.b),
             .c = resolve(step.c),
             .n = rows * cols,
             .imm = step.imm,
             .splat = static_cast<uint8_t>(splat_bit(step.a, 1) | splat_bit(step.b, 2) | splat_bit(step.c, 4))});
        break;
      }
      case PlanStep::kLoad: {
        const TileOperand& in = inputs_[step.imm];
        step.block({resolve(step.out), in.data, rows, cols, in.row_stride, in.col_stride});
        break;
      }
      case PlanStep::kIndex:
        fill_index(step, rows, cols);
        break;
      case PlanStep::kStore: {
        const TileOperand& out = outputs_[step.imm];
        step.block({resolve(step.a), out.data, rows, cols, out.row_stride, out.col_stride});
        break;
      }
    }
  }
}

}  // namespace lineshaft::cpu
