#include "lineshaft/ops/normalize.h"

#include <cmath>

#include "backends/cpu/program/epilogue.h"
#include "backends/cpu/program/map_run.h"
#include "backends/cpu/program/reduction.h"
#include "backends/cpu/program/runs.h"
#include "backends/cpu/program/trailing_lines.h"
#include "backends/cpu/simd/normalize_kernels.h"
#include "lineshaft/program/program_cache.h"
#include "ops/normalize_program.h"
#include "program/compose.h"

namespace lineshaft::cpu {
namespace {

ProgramCache normalize_programs;

ProgramRef square_program(DType input, DType type) {
  return normalize_programs.get(key_of(0, input, type), [&](ProgramBuilder& p) {
    Expr x = cast(p.input(input), type);
    p.output(x * x, type);
  });
}

// From variances, or sums of squares and 1 / count.
ProgramRef rstd_program(NormalizeKind kind, DType type) {
  return normalize_programs.get(key_of(1, kind, type), [&](ProgramBuilder& p) {
    Expr v = p.input(type), eps = p.arg(type), scale = p.arg(type);
    p.output(rsqrt((kind == NormalizeKind::kRms ? v * scale : v) + eps), type);
  });
}

void take_statistics(Context& context, const Normalize& op, DType type) {
  int64_t groups = op.rstd.numel(), count = op.input.numel() / std::max<int64_t>(groups, 1);
  int64_t bytes = std::max<int64_t>(groups, 1) * size_of(type);
  std::byte* spread = context.scratch<std::byte>(bytes);  // variances, or sums of squares
  if (op.kind == NormalizeKind::kRms) {
    Reduction(context, square_program(op.input.dtype, type), {&op.input, 1}, {}, op.axes, {{.out = spread}}).run();
  } else {
    bool direct = op.mean.is_contiguous();
    std::byte* mean = direct ? context.data(op.mean) : context.scratch<std::byte>(bytes);
    Reduction(context, identity_program(op.input.dtype), {&op.input, 1}, {}, op.axes,
              {{.kind = ReduceKind::kMeanVar, .out = mean, .second = spread}})
        .run();
    store_results(context, mean, type, {}, op.mean);
  }
  Scalar args[] = {Scalar::of(op.eps), Scalar::of(1.0 / static_cast<double>(std::max<int64_t>(count, 1)))};
  TensorView view = contiguous_view(op.rstd.buffer, type, op.rstd.shape());
  std::byte* addresses[] = {spread, context.data(op.rstd)};
  run_map(MapRun(context, rstd_program(op.kind, type), {&view, 1}, {&op.rstd, 1}, args, addresses));
}

void apply(Context& context, const Normalize& op, DType type) {
  std::vector<TensorView> inputs = normalize_inputs(op);
  const Epilogue& epilogue = op.epilogue;
  ProgramRef program = normalize_program(op, type, result_dtype(epilogue, op.output));
  if (epilogue.program) {
    std::vector<Wire> wires{{Wire::kFirstOutput, 0}};
    for (size_t i = 0; i < epilogue.inputs.size(); ++i) wires.push_back({Wire::kNewInput, static_cast<uint8_t>(i)});
    const uint8_t replaced[] = {0};
    program = compose(program, epilogue.program, wires, replaced);
    inputs.insert(inputs.end(), epilogue.inputs.begin(), epilogue.inputs.end());
  }
  run_map(MapRun(context, Map{program, inputs, {&op.output, 1}, epilogue.args}));
}

// The same arithmetic without a program, where everything is of one dtype and lies in runs.
bool apply_in_runs(Context& context, const Normalize& op, DType type) {
  if (op.epilogue.program || op.input.dtype != type || op.output.dtype != type) return false;
  std::vector<RunOperand> operands{{context.data(op.output), op.output}, {context.data(op.input), op.input}};
  const TensorView sides[] = {op.mean, op.rstd, op.weight, op.bias};
  int place[4] = {-1, -1, -1, -1};
  for (int k = 0; k < 4; ++k) {
    if (!sides[k]) continue;
    place[k] = static_cast<int>(operands.size());
    operands.push_back({context.data(sides[k]), broadcast_to(sides[k], op.input.shape())});
  }
  Runs runs(std::move(operands), 2);
  if (!runs.fit()) return false;
  const NormalizeKernels& normalize = normalize_kernels(type);
  runs.for_each([&](std::byte* const* data, uint32_t still, int64_t n) {
    NormalizeArgs args{.x = data[1], .out = data[0], .n = n};
    for (int k = 0; k < 4; ++k) {
      if (place[k] < 0) continue;
      args.operands[k] = data[place[k]];
      args.still |= (still >> place[k] & 1) << k;
    }
    normalize.apply(args);
  });
  return true;
}

// mean (where there is one) and rstd of a line, in the order in which Reduction takes them.
template <class T>
void line_statistics(const Normalize& op, const T* x, int64_t n, T* mean, T* rstd) {
  constexpr DType type = sizeof(T) == 4 ? DType::kF32 : DType::kF64;
  bool rms = op.kind == NormalizeKind::kRms;
  const ReduceKernels& reduce = reduce_kernels(rms ? ReduceKind::kSum : ReduceKind::kMeanVar, type);
  Kernel multiply = kernels().op[static_cast<int>(Opcode::kMul)][type_index(type)];
  alignas(64) T squares[kReduceBlock];
  alignas(64) std::byte block[64], total[64];
  reduce.clear(total, 1);
  for (int64_t first = 0; first < n; first += kReduceBlock) {
    int64_t count = std::min(kReduceBlock, n - first);
    if (rms) multiply({.out = squares, .a = x + first, .b = x + first, .n = count});
    reduce.run(rms ? squares : x + first, count, first, block);
    reduce.merge(total, block, 1);
  }
  T spread = 0, ignored = 0;
  reduce.finish(total, 1, static_cast<double>(n), rms ? &spread : mean, rms ? &ignored : &spread);
  if (rms) spread = spread * static_cast<T>(1.0 / static_cast<double>(n));
  *rstd = T{1} / std::sqrt(spread + static_cast<T>(op.eps));
}

// Layer norm and its like: each line is read once from memory.
template <class T>
bool run_lines(Context& context, const Normalize& op) {
  DType type = op.rstd.dtype;
  if (op.epilogue.program || op.use_statistics || op.input.dtype != type || op.output.dtype != type) return false;
  int axis = first_line_axis(op.input, op.axes);
  if (axis < 0 || first_line_axis(op.output, op.axes) != axis) return false;
  const TensorView sides[] = {op.weight, op.bias};
  for (const TensorView& side : sides) {
    if (!side) continue;
    if (side.dtype != type || first_line_axis(side, op.axes) != axis) return false;
    for (int i = 0; i < axis; ++i)
      if (side.sizes[i] > 1 && side.strides[i] != 0) return false;
  }
  std::span<const int64_t> sizes = op.input.shape().first(axis);
  int64_t n = op.input.numel();
  for (int64_t size : sizes) n /= size;
  OperandStrides strides;
  for (const TensorView* view : {&op.output, &op.input, &op.rstd}) strides.push_back(view->strides);
  if (op.mean) strides.push_back(op.mean.strides);
  Iteration space = simplify(sizes, strides, 2);
  T *x = context.data<T>(op.input), *out = context.data<T>(op.output), *rstd = context.data<T>(op.rstd);
  T* mean = op.mean ? context.data<T>(op.mean) : nullptr;
  const void* weight = op.weight ? context.data(op.weight) : nullptr;
  const void* bias = op.bias ? context.data(op.bias) : nullptr;
  const NormalizeKernels& normalize = normalize_kernels(type);
  parallel_for(space.tile_count(), std::max<int64_t>(1, 8192 / n), [&](int64_t begin, int64_t end) {
    TileWalker walker(space, begin);
    for (int64_t line = begin;;) {
      T *from = x + walker.offset(1), *r = rstd + walker.offset(2), *m = mean ? mean + walker.offset(3) : nullptr;
      line_statistics(op, from, n, m, r);
      normalize.apply({.x = from, .out = out + walker.offset(0), .operands = {m, r, weight, bias}, .n = n, .still = 3});
      if (++line == end) break;
      walker.next();
    }
  });
  return true;
}

}  // namespace

void run(Context& context, const Normalize& op) {
  if (op.rstd.numel() == 0) return;
  DType type = op.rstd.dtype;
  if (op.output.numel() > 0 && (type == DType::kF32 ? run_lines<float>(context, op) : run_lines<double>(context, op)))
    return;
  if (!op.use_statistics) take_statistics(context, op, type);
  if (op.output.numel() > 0 && !apply_in_runs(context, op, type)) apply(context, op, type);
}

}  // namespace lineshaft::cpu
