#include "backends/vulkan/ops/softmax_rows.h"

#include <limits>

#include "backends/vulkan/ops/reduce_rows.h"
#include "base/divide.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::vulkan {
namespace {

constexpr double kLowest = -std::numeric_limits<double>::infinity();

uint32_t row_lanes(const Context& context) {
  return context.features().tuning().softmax_lanes;
}

// Of a kernel that goes `passes` times along a row and joins what its lanes found `joins` times.
Turns row_turns(const Context& context, int64_t length, int64_t passes, int64_t joins) {
  int64_t lanes = row_lanes(context);
  return Turns(passes * loop(divide_up(length, lanes)).count + joins * loop(lanes).count);
}

// Rows over which one workgroup's loops turn too often on this device: by reductions, which cut them, and programs.
class LongRows {
 public:
  LongRows(Context& context, DType type, int64_t rows, int64_t length)
      : context_(context), type_(type), sizes_{rows, length}, kept_{rows, 1} {}

  TensorView matrix(const TensorView& view) const { return dense_as(view, sizes_); }
  // One value a row, for all its elements.
  TensorView spread(const TensorView& values) const { return broadcast_to(dense_as(values, kept_), sizes_); }
  TensorView maximum(const TensorView& values) const {
    return reduce_rows(context_, {values, sizes_[0], sizes_[1], 1}, RowsKind::kMax, false).values;
  }
  TensorView sum_of(ProgramRef program, const std::vector<TensorView>& inputs) const {
    return sum_of_map(context_, program, inputs, 1u << 1, type_, kept_);
  }
  TensorView values() const { return context_.scratch(type_, kept_); }

 private:
  Context& context_;
  DType type_;
  std::array<int64_t, 2> sizes_, kept_;
};

// 0 for a row of nothing but -inf, else its largest element.
Expr base_of(ProgramBuilder& p, DType type, bool attention) {
  Expr top = p.input(type);
  return attention ? select(top == kLowest, 0.0, top) : top;
}

void softmax_long_rows(Context& context, SoftmaxKind kind, const TensorView& input, const TensorView& output,
                       const TensorView& logsumexp, int64_t rows, int64_t length) {
  static ProgramCache sum_cache, result_cache, logsum_cache;
  DType type = input.dtype;
  bool attention = kind == SoftmaxKind::kAttention;
  LongRows plan(context, type, rows, length);
  TensorView x = plan.matrix(input), y = plan.matrix(output), top = plan.maximum(input);
  uint64_t key = key_of(type, kind);
  ProgramRef terms = sum_cache.get(key, [&](ProgramBuilder& p) {
    Expr value = p.input(type), base = base_of(p, type, attention);
    p.output(exp(value - base), type);
  });
  TensorView sum = plan.sum_of(terms, {x, plan.spread(top)});
  ProgramRef result = result_cache.get(key, [&](ProgramBuilder& p) {
    Expr value = p.input(type), base = base_of(p, type, attention), total = p.input(type);
    Expr shifted = value - base;
    if (kind == SoftmaxKind::kLog)
      p.output(shifted - log(total), type);
    else if (attention)
      p.output(select(total == 0.0, 0.0, exp(shifted) / total), type);
    else
      p.output(exp(shifted) / total, type);
  });
  TensorView inputs[] = {x, plan.spread(top), plan.spread(sum)};
  context.map(result, inputs, List<TensorView>(&y, 1));
  if (!attention) return;
  ProgramRef logsum = logsum_cache.get(key, [&](ProgramBuilder& p) {
    Expr base = base_of(p, type, true);
    p.output(base + log(p.input(type)), type);  // of an empty row's sum 0 the logarithm is -inf
  });
  std::array<int64_t, 1> flat{rows};
  TensorView parts[] = {dense_as(top, flat), dense_as(sum, flat)}, target = dense_as(logsumexp, flat);
  context.map(logsum, parts, List<TensorView>(&target, 1));
}

void long_rows_grad(Context& context, bool log, const TensorView& gradient, const TensorView& result,
                    const TensorView& output, int64_t rows, int64_t length) {
  static ProgramCache sum_cache, result_cache;
  DType type = result.dtype;
  LongRows plan(context, type, rows, length);
  TensorView g = plan.matrix(gradient), y = plan.matrix(result), target = plan.matrix(output);
  uint64_t key = key_of(type, log);
  ProgramRef terms = sum_cache.get(key, [&](ProgramBuilder& p) {
    Expr given = p.input(type);
    p.output(log ? given : given * p.input(type), type);
  });
  TensorView sum = plan.sum_of(terms, log ? std::vector{g} : std::vector{g, y});
  ProgramRef program = result_cache.get(key, [&](ProgramBuilder& p) {
    Expr given = p.input(type), value = p.input(type), total = p.input(type);
    p.output(log ? given - exp(value) * total : value * (given - total), type);
  });
  TensorView inputs[] = {g, y, plan.spread(sum)};
  context.map(program, inputs, List<TensorView>(&target, 1));
}

}  // namespace

void softmax_rows(Context& context, SoftmaxKind kind, const TensorView& input, const TensorView& output,
                  const TensorView& logsumexp, int64_t rows, int64_t length) {
  Turns turns = row_turns(context, length, 3, 2);
  if (!(turns <= context.turns())) return softmax_long_rows(context, kind, input, output, logsumexp, rows, length);
  struct {
    uint32_t rows, length;
  } push{static_cast<uint32_t>(rows), static_cast<uint32_t>(length)};
  context.run_kernel({.kernel = variant("softmax", input.dtype),
                      .turns = turns,
                      .operands = {in(input), out(output), out(logsumexp ? logsumexp : output)},
                      .constants = {row_lanes(context), kind == SoftmaxKind::kLog, kind == SoftmaxKind::kAttention},
                      .groups = context.groups_for(rows, 1)},
                     push);
}

void softmax_rows_grad(Context& context, SoftmaxKind kind, const TensorView& gradient, const TensorView& result,
                       const TensorView& output, int64_t rows, int64_t length) {
  bool log = kind == SoftmaxKind::kLog;
  Turns turns = row_turns(context, length, 2, 1);
  if (!(turns <= context.turns())) return long_rows_grad(context, log, gradient, result, output, rows, length);
  struct {
    uint32_t rows, length;
  } push{static_cast<uint32_t>(rows), static_cast<uint32_t>(length)};
  context.run_kernel({.kernel = variant("softmax_grad", result.dtype),
                      .turns = turns,
                      .operands = {in(gradient), in(result), out(output)},
                      .constants = {row_lanes(context), log},
                      .groups = context.groups_for(rows, 1)},
                     push);
}

}  // namespace lineshaft::vulkan
