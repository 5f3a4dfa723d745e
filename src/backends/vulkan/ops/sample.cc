#include "lineshaft/ops/sample.h"

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/index_space.h"
#include "backends/vulkan/planning/parts.h"

namespace lineshaft::vulkan {
namespace {

// Along the outermost axis: each part's elements have the counters that they have in the whole.
void run_in_halves(Context& context, const Sample& op) {
  int axis = 0;
  while (op.output.sizes[axis] == 1) ++axis;
  int64_t size = op.output.sizes[axis], inner = op.output.numel() / size;
  in_halves(op, axis, size, [&](const Sample& half, int64_t first) {
    Sample part = half;
    part.offset =
        static_cast<int64_t>(static_cast<uint64_t>(op.offset) + static_cast<uint64_t>(first * inner * kSampleCounters));
    run(context, part);
  });
}

}  // namespace

void run(Context& context, const Sample& op) {
  if (op.output.numel() == 0) return;
  if (is_too_large(op)) return run_in_halves(context, op);
  DType type = op.output.dtype;
  if (type == DType::kF64) context.require_f64("sample");
  static_assert(kSampleCounters == 1 << 10);  // as the shader has it
  TensorView parameter = context.dense(op.parameter, type), output = context.dense_output(op.output, type);
  TensorView probability = op.probability ? context.dense(op.probability, type) : parameter;
  auto seed = static_cast<uint64_t>(op.seed), offset = static_cast<uint64_t>(op.offset);
  struct {
    uint32_t key_low, key_high, counter_low, counter_high, count;
  } push{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), static_cast<uint32_t>(offset),
         static_cast<uint32_t>(offset >> 32), element_count(output.numel())};
  constexpr int64_t kTries = 256;  // as in the shader
  constexpr Turns kDeviance = loop(12), kLogBinomial = kDeviance + kDeviance;
  Turns gamma = loop(kTries, kSineTurns), poisson = loop(kTries) + loop(kTries, kDeviance);
  Turns binomial = loop(kTries) + kLogBinomial + loop(kTries, kLogBinomial);
  context.run_kernel({.kernel = variant("sample", type),
                      .turns = gamma + poisson + binomial,
                      .operands = {in(parameter), in(probability), out(output)},
                      .constants = {static_cast<uint32_t>(op.kind)},
                      .groups = context.groups_for(output.numel(), 64)},
                     push);
  context.store(output, op.output);
}

}  // namespace lineshaft::vulkan
