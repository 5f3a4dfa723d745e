#include "lineshaft/ops/normalize_grad.h"

#include "backends/cpu/program/epilogue.h"
#include "backends/cpu/program/map_run.h"
#include "backends/cpu/program/normalize_grad_lines.h"
#include "backends/cpu/program/reduction.h"
#include "backends/cpu/program/runs.h"
#include "backends/cpu/simd/normalize_kernels.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::cpu {
namespace {

ProgramCache normalize_grad_programs;

enum Part { kGroupSums, kWeightSums, kGradInput, kEvaluation };

struct Loaded {
  Expr grad, normalized, rstd, weight;
};

// The operands as the programs have them: grad_output, input, rstd, and of mean and weight those that are present.
std::vector<TensorView> operands(const NormalizeGrad& op, bool with_weight) {
  std::vector<TensorView> views{op.grad_output, op.input, broadcast_to(op.rstd, op.input.shape())};
  if (op.mean) views.push_back(broadcast_to(op.mean, op.input.shape()));
  if (op.weight && with_weight) views.push_back(op.weight);
  return views;
}

Loaded load(ProgramBuilder& p, const NormalizeGrad& op, bool with_weight) {
  DType type = op.rstd.dtype;
  Loaded v;
  v.grad = cast(p.input(op.grad_output.dtype), type);
  Expr x = cast(p.input(op.input.dtype), type);
  v.rstd = p.input(type);
  if (op.mean) x = x - p.input(type);
  v.normalized = x * v.rstd;
  if (op.weight && with_weight) v.weight = cast(p.input(op.weight.dtype), type);
  return v;
}

template <class Build>
ProgramRef program_for(Part part, const NormalizeGrad& op, int option, DType result, Build&& build) {
  return normalize_grad_programs.get(
      key_of(part, option, op.grad_output.dtype, op.input.dtype, dtype_or_absent(op.mean), dtype_or_absent(op.weight),
             op.rstd.dtype, result),
      build);
}

bool constant_in_groups(const TensorView& weight, uint8_t axes) {
  for (int i = 0; i < weight.rank; ++i)
    if ((axes >> i & 1) && weight.sizes[i] > 1 && weight.strides[i] != 0) return false;
  return true;
}

uint8_t summed_axes(const TensorView& sum, const TensorView& input) {
  uint8_t axes = 0;
  for (int i = 0; i < input.rank; ++i)
    if (sum.sizes[i] == 1) axes |= static_cast<uint8_t>(1 << i);
  return axes;
}

// NormalizeSums over axes of the gradient and of its product with x^, as arrays of the computing type.
struct NormalizeSums {
  std::byte* grad = nullptr;
  std::byte* product = nullptr;
};

NormalizeSums take_sums(Context& context, const NormalizeGrad& op, uint8_t axes, bool weighted) {
  DType type = op.rstd.dtype;
  int64_t count = 1;
  for (int i = 0; i < op.input.rank; ++i)
    if (!(axes >> i & 1)) count *= op.input.sizes[i];
  ProgramRef program = program_for(weighted ? kGroupSums : kWeightSums, op, 0, type, [&](ProgramBuilder& p) {
    Loaded v = load(p, op, weighted);
    Expr g = weighted ? v.grad * v.weight : v.grad;
    p.output(g, type);
    p.output(g * v.normalized, type);
  });
  NormalizeSums sums;
  int64_t bytes = std::max<int64_t>(1, count * size_of(type));
  sums.grad = context.scratch<std::byte>(bytes);
  sums.product = context.scratch<std::byte>(bytes);
  std::vector<TensorView> views = operands(op, weighted);
  Reduction(context, program, views, {}, axes, {{.out = sums.grad}, {.out = sums.product}}).run();
  return sums;
}

// The same arithmetic as grad_input_from_sums without a program, where everything is of one dtype and lies in runs.
bool grad_input_in_runs(Context& context, const NormalizeGrad& op, const NormalizeSums& sums, bool constant_weight) {
  DType type = op.rstd.dtype;
  for (const TensorView* view : {&op.grad_output, &op.input, &op.grad_input})
    if (view->dtype != type) return false;
  std::vector<RunOperand> operands{{context.data(op.grad_input), op.grad_input},
                                   {context.data(op.grad_output), op.grad_output},
                                   {context.data(op.input), op.input}};
  int place[5] = {-1, -1, -1, -1, -1};
  auto add = [&](int k, const TensorView& view, std::byte* data) {
    place[k] = static_cast<int>(operands.size());
    operands.push_back({data, broadcast_to(view, op.input.shape())});
  };
  TensorView statistic = contiguous_view(op.rstd.buffer, type, op.rstd.shape());
  if (op.mean) add(0, op.mean, context.data(op.mean));
  add(1, op.rstd, context.data(op.rstd));
  if (op.weight) add(2, op.weight, context.data(op.weight));
  if (op.kind == NormalizeKind::kStandard) add(3, statistic, sums.grad);
  add(4, statistic, sums.product);
  Runs runs(std::move(operands), 3);
  if (!runs.fit()) return false;
  const NormalizeKernels& normalize = normalize_kernels(type);
  int64_t length = op.input.numel() / op.rstd.numel();
  double scale = 1 / static_cast<double>(length);
  runs.for_each([&](std::byte* const* data, uint32_t still, int64_t n) {
    NormalizeGradArgs args{.grad = data[1], .x = data[2], .out = data[0], .scale = scale, .n = n};
    args.constant_weight = constant_weight;
    for (int k = 0; k < 5; ++k) {
      if (place[k] < 0) continue;
      args.operands[k] = data[place[k]];
      args.still |= (still >> place[k] & 1) << k;
    }
    normalize.apply_grad(args);
  });
  return true;
}

void grad_input_from_sums(Context& context, const NormalizeGrad& op, const NormalizeSums& sums, bool constant_weight) {
  DType type = op.rstd.dtype;
  bool centered = op.kind == NormalizeKind::kStandard;
  ProgramRef program = program_for(
      kGradInput, op, (constant_weight ? 2 : 0) | (centered ? 1 : 0), op.grad_input.dtype, [&](ProgramBuilder& p) {
        Loaded v = load(p, op, true);
        Expr product = p.input(type), grad = centered ? p.input(type) : product, scale = p.arg(type);
        Expr g = op.weight && !constant_weight ? v.grad * v.weight : v.grad;
        if (centered) g = g - grad * scale;
        g = g - v.normalized * (product * scale);
        Expr factor = op.weight && constant_weight ? v.rstd * v.weight : v.rstd;
        p.output(g * factor, op.grad_input.dtype);
      });
  std::vector<TensorView> views = operands(op, true);
  std::vector<std::byte*> addresses;
  for (const TensorView& view : views) addresses.push_back(context.data(view));
  TensorView statistic = broadcast_to(contiguous_view(op.rstd.buffer, type, op.rstd.shape()), op.input.shape());
  views.push_back(statistic);
  addresses.push_back(sums.product);
  if (centered) {
    views.push_back(statistic);
    addresses.push_back(sums.grad);
  }
  addresses.push_back(context.data(op.grad_input));
  int64_t length = op.input.numel() / op.rstd.numel();
  Scalar args[] = {Scalar::of(1 / static_cast<double>(length))};
  run_map(MapRun(context, program, views, {&op.grad_input, 1}, args, addresses));
}

void grad_input_of_constants(Context& context, const NormalizeGrad& op) {
  DType type = op.rstd.dtype;
  ProgramRef program = program_for(kEvaluation, op, 0, op.grad_input.dtype, [&](ProgramBuilder& p) {
    Expr g = cast(p.input(op.grad_output.dtype), type), rstd = p.input(type);
    if (op.weight) g = g * cast(p.input(op.weight.dtype), type);
    p.output(g * rstd, op.grad_input.dtype);
  });
  std::vector<TensorView> inputs{op.grad_output, broadcast_to(op.rstd, op.input.shape())};
  if (op.weight) inputs.push_back(op.weight);
  run_map(MapRun(context, Map{program, inputs, {&op.grad_input, 1}, {}}));
}

}  // namespace

// Where the weight does not vary within a group (batch norm), the sums that grad_weight and grad_bias are also give
// grad_input.
void run(Context& context, const NormalizeGrad& op) {
  if (run_grad_in_lines(context, op)) return;
  DType type = op.rstd.dtype;
  uint8_t weight_axes = op.grad_weight ? summed_axes(op.grad_weight, op.input) : 0;
  uint8_t bias_axes = op.grad_bias ? summed_axes(op.grad_bias, op.input) : 0;
  bool weight_done = !op.grad_weight, bias_done = !op.grad_bias;
  auto keep = [&](const NormalizeSums& sums, uint8_t axes) {
    if (!weight_done && weight_axes == axes) {
      store_results(context, sums.product, type, {}, op.grad_weight);
      weight_done = true;
    }
    if (!bias_done && bias_axes == axes) {
      store_results(context, sums.grad, type, {}, op.grad_bias);
      bias_done = true;
    }
  };
  uint8_t group_axes = op.axes;  // with axes of size 1, which a summed view cannot tell apart
  for (int i = 0; i < op.input.rank; ++i)
    if (op.input.sizes[i] == 1) group_axes |= static_cast<uint8_t>(1 << i);
  bool empty = op.input.numel() == 0;
  if (op.grad_input && !empty) {
    if (op.constant_statistics) {
      grad_input_of_constants(context, op);
    } else {
      bool constant = !op.weight || constant_in_groups(op.weight, op.axes);
      NormalizeSums sums = take_sums(context, op, op.axes, !constant);
      if (!grad_input_in_runs(context, op, sums, constant)) grad_input_from_sums(context, op, sums, constant);
      if (constant) keep(sums, group_axes);
    }
  }
  if (!weight_done) keep(take_sums(context, op, weight_axes, false), weight_axes);
  if (!bias_done) keep(take_sums(context, op, bias_axes, false), bias_axes);
}

}  // namespace lineshaft::cpu
