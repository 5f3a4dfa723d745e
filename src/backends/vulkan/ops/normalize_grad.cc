#include "lineshaft/ops/normalize_grad.h"

#include <array>

#include "backends/vulkan/ops/reduce_rows.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::vulkan {
namespace {

class Gradient {
 public:
  Gradient(Context& context, const NormalizeGrad& op)
      : context_(context), op_(op), type_(accumulate_type(op.input.dtype)) {
    centered_ = op.kind != NormalizeKind::kRms;
    auto shape = op.input.shape();
    inputs_ = {op.grad_output, op.input};
    if (centered_) inputs_.push_back(broadcast_to(op.mean, shape));
    inputs_.push_back(broadcast_to(op.rstd, shape));
    if (op.weight) inputs_.push_back(op.weight);
    for (const TensorView& view : inputs_) key_ = key_ << 4 | static_cast<uint64_t>(view.dtype);
    key_ = key_ << 2 | (centered_ ? 2u : 0u) | (op.weight ? 1u : 0u);
  }

  void run() {
    if (op_.grad_input) input_gradient();
    if (op_.grad_weight) parameter_gradient(true, op_.grad_weight);
    if (op_.grad_bias) parameter_gradient(false, op_.grad_bias);
  }

 private:
  struct Values {
    Expr dy, g, normal, rstd;  // grad_output, times weight, x^, rstd
  };
  Values values(ProgramBuilder& p) const {
    size_t at = 0;
    auto next = [&] { return cast(p.input(inputs_[at++].dtype), type_); };
    Expr dy = next(), x = next();
    if (centered_) x = x - next();
    Expr rstd = next();
    Expr g = op_.weight ? dy * next() : dy;
    return {dy, g, x * rstd, rstd};
  }

  TensorView summed(const TensorView& values, uint8_t axes, std::span<const int64_t> shape) {
    if (values.numel() > most_elements())
      return sum_of_map(context_, cast_program(values.dtype, type_), {&values, 1}, axes, type_, shape);
    Rows rows = rows_of(context_, values, axes, type_);
    return dense_as(reduce_rows(context_, rows, RowsKind::kSum, false).values, shape);
  }

  // The sum of g.
  TensorView sum_of_gradient(std::span<const int64_t> kept) {
    if (!op_.weight) return summed(op_.grad_output, op_.axes, kept);
    static ProgramCache cache;
    uint64_t key = key_of(type_, op_.grad_output.dtype, op_.weight.dtype);
    ProgramRef program = cache.get(key, [&](ProgramBuilder& p) {
      Expr dy = cast(p.input(op_.grad_output.dtype), type_);
      p.output(dy * cast(p.input(op_.weight.dtype), type_), type_);
    });
    return sum_of_map(context_, program, std::array{op_.grad_output, op_.weight}, op_.axes, type_, kept);
  }

  void input_gradient();
  void parameter_gradient(bool weight, const TensorView& target);

  Context& context_;
  const NormalizeGrad& op_;
  DType type_;
  bool centered_ = true;
  std::vector<TensorView> inputs_;
  uint64_t key_ = 1;
};

void Gradient::input_gradient() {
  static ProgramCache constant_cache, projection_cache, final_cache;
  DType out = op_.grad_input.dtype;
  auto shape = op_.input.shape();
  uint64_t key = key_ << 4 | static_cast<uint64_t>(out);
  if (op_.constant_statistics) {
    ProgramRef program = constant_cache.get(key, [&](ProgramBuilder& p) {
      Values v = values(p);
      p.output(cast(v.g * v.rstd, compute_type(out)), out);
    });
    return context_.map(program, inputs_, List<TensorView>(&op_.grad_input, 1));
  }
  ProgramRef projection = projection_cache.get(key_, [&](ProgramBuilder& p) {
    Values v = values(p);
    p.output(v.g * v.normal, type_);
  });
  auto kept = op_.rstd.shape();
  double n = 1;
  for (int i = 0; i < op_.input.rank; ++i)
    if (op_.axes >> i & 1) n *= static_cast<double>(op_.input.sizes[i]);
  std::vector<TensorView> inputs = inputs_;
  inputs.push_back(broadcast_to(sum_of_map(context_, projection, inputs_, op_.axes, type_, kept), shape));
  if (centered_) inputs.push_back(broadcast_to(sum_of_gradient(kept), shape));
  ProgramRef program = final_cache.get(key, [&](ProgramBuilder& p) {
    Values v = values(p);
    Expr count = p.arg(type_);
    Expr projected = p.input(type_);
    Expr centered = centered_ ? v.g - p.input(type_) / count : v.g;
    p.output(cast(v.rstd * (centered - v.normal * (projected / count)), compute_type(out)), out);
  });
  Scalar arg = Scalar::of(n);
  context_.map(program, inputs, List<TensorView>(&op_.grad_input, 1), List<Scalar>(&arg, 1));
}

void Gradient::parameter_gradient(bool weight, const TensorView& target) {
  static ProgramCache cache;
  uint8_t axes = 0;
  for (int i = 0; i < target.rank; ++i)
    if (target.sizes[i] == 1) axes |= static_cast<uint8_t>(1u << i);
  if (!weight) return context_.copy(summed(op_.grad_output, axes, target.shape()), target);
  ProgramRef program = cache.get(key_, [&](ProgramBuilder& p) {
    Values v = values(p);
    p.output(v.dy * v.normal, type_);
  });
  context_.copy(sum_of_map(context_, program, inputs_, axes, type_, target.shape()), target);
}

}  // namespace

void run(Context& context, const NormalizeGrad& op) {
  if (accumulate_type(op.input.dtype) == DType::kF64) context.require_f64("normalize_grad");
  if (op.input.numel() == 0) {
    for (const TensorView* view : {&op.grad_input, &op.grad_weight, &op.grad_bias})
      if (*view && view->numel()) context.fill(*view, 0);
    return;
  }
  Gradient(context, op).run();
}

}  // namespace lineshaft::vulkan
