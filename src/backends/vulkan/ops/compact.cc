#include "lineshaft/ops/compact.h"

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/index_space.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kChunk = 64;  // as in the shaders

struct Push {
  uint32_t count, chunks;
};
Push push_for(int64_t count) {
  return {element_count(count), static_cast<uint32_t>(divide_up(count, kChunk))};
}

// Turns counts into the sums of those before them: sums of chunks, of chunks of chunks, and back down.
void sum_before(Context& context, const TensorView& counts, int64_t count) {
  Push push = push_for(count);
  Groups groups = context.groups_for(push.chunks, 64);
  TensorView sums = context.scratch(DType::kI32, {int64_t{push.chunks}});
  if (push.chunks == 1) {
    context.fill(sums, 0);
  } else {
    context.run_kernel(
        {.kernel = "chunk_sum", .turns = loop(kChunk), .operands = {in(counts), out(sums)}, .groups = groups}, push);
    sum_before(context, sums, push.chunks);
  }
  context.run_kernel(
      {.kernel = "chunk_start", .turns = loop(kChunk), .operands = {in(sums), out(counts)}, .groups = groups}, push);
}

}  // namespace

void run(Context& context, const Compact& op) {
  if (op.mask.numel() == 0) return context.fill(op.count, 0);
  DType type = word_type(op.mask.dtype);
  TensorView mask = context.dense(op.mask, type);
  Push push = push_for(op.mask.numel());
  std::vector<uint32_t> constants = {size_of(type) == 8 ? 2u : 1u, is_float(type) ? 0x80000000u : 0u};
  Groups groups = context.groups_for(push.chunks, 64);
  TensorView starts = context.scratch(DType::kI32, {int64_t{push.chunks}});
  context.run_kernel({.kernel = "compact_count",
                      .turns = loop(kChunk),
                      .operands = {in(mask), out(starts)},
                      .constants = constants,
                      .groups = groups},
                     push);
  sum_before(context, starts, push.chunks);
  TensorView positions = context.dense_output(op.positions, DType::kI64);
  TensorView count = context.dense_output(op.count, DType::kI64);
  context.run_kernel({.kernel = "compact_write",
                      .turns = loop(kChunk),
                      .operands = {in(mask), in(starts), out(positions), out(count)},
                      .constants = constants,
                      .groups = groups},
                     push);
  context.store(positions, op.positions);
  context.store(count, op.count);
}

}  // namespace lineshaft::vulkan
