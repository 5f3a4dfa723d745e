#include "lineshaft/frontend/reduction.h"

#include "lineshaft/frontend/formulas/reductions.h"

namespace lineshaft::frontend {
namespace {

// A sum of truth values, stored as one, is whether any holds; a product, whether all do.
ReduceKind kind_as(DType type, ReduceKind kind) {
  if (type != DType::kBool) return kind;
  return kind == ReduceKind::kSum ? ReduceKind::kAny : kind == ReduceKind::kProd ? ReduceKind::kAll : kind;
}

uint8_t all_axes(int rank) {
  return static_cast<uint8_t>((1u << rank) - 1);
}

}  // namespace

Reduction::Reduction(const TensorView& input, uint8_t axes, bool keep) : input_(input), axes_(axes), keep_(keep) {
  LS_REQUIRE(axes >> input.rank == 0, "axes are the bits ", int{axes}, "; an input of rank ", int{input.rank},
             " takes 0 to ", (1 << input.rank) - 1);
  for (int i = 0; i < input.rank; ++i) {
    bool reduced = axes >> i & 1;
    if (reduced) count_ = saturating_product(count_, input.sizes[i]);
    if (!reduced || keep) sizes_.push_back(reduced ? 1 : input.sizes[i]);
  }
}

Reduction::Reduction(const TensorView& input) : Reduction(input, all_axes(input.rank), false) {}

TensorView Reduction::output(const TensorView& result) const {
  TensorView view = result;
  view.rank = input_.rank;
  int from = 0;
  for (int i = 0; i < input_.rank; ++i) {
    bool reduced = axes_ >> i & 1;
    bool present = result.rank > 0 && (!reduced || keep_);
    view.sizes[i] = reduced ? 1 : input_.sizes[i];
    view.strides[i] = present ? result.strides[from] : 1;
    from += present;
  }
  return view;
}

void Reduction::record(Stream& stream, Reduce& op) const {
  op.axes = axes_;
  if (op.inputs.empty()) op.inputs = {&input_, 1};
  if (op.output.numel() > 0) stream.record(op);
}

void record_values(Stream& stream, const Reduction& reduction, ReduceKind kind, const TensorView& result,
                   bool nan_to_zero) {
  Reduce op;
  op.kind = kind_as(result.dtype, kind);
  op.prologue = formulas::reduced_values_program(reduction.input().dtype, result.dtype, nan_to_zero);
  op.output = reduction.output(result);
  reduction.record(stream, op);
}

void record_mean(Stream& stream, const Reduction& reduction, const TensorView& result) {
  Reduce op;
  op.prologue = formulas::reduced_values_program(reduction.input().dtype, result.dtype, false);
  op.output = reduction.output(result);
  Scalar count[] = {Scalar::of(static_cast<double>(reduction.count()))};
  op.epilogue.program = formulas::mean_program(accumulate_type(result.dtype), result.dtype);
  op.epilogue.args = count;
  reduction.record(stream, op);
}

void record_count_nonzero(Stream& stream, const Reduction& reduction, const TensorView& result) {
  Reduce op;
  op.prologue = formulas::count_nonzero_program(reduction.input().dtype);
  op.output = reduction.output(result);
  reduction.record(stream, op);
}

void record_variance(Stream& stream, const Reduction& reduction, double correction, const TensorView& mean,
                     const TensorView& variance) {
  Reduce op;
  op.kind = ReduceKind::kMeanVar;
  op.correction = reduction.count() == 0 ? 0 : correction;  // no number, whatever the correction is
  op.output = reduction.output(mean);
  op.variance = reduction.output(variance);
  reduction.record(stream, op);
}

void record_norm(Stream& stream, const Reduction& reduction, double order, const TensorView& result) {
  using formulas::VectorNorm;
  VectorNorm norm = order != 0 && reduction.count() == 1 ? VectorNorm::kMax : formulas::vector_norm_of(order);
  DType accumulated = accumulate_type(result.dtype);
  Reduce op;
  op.kind = formulas::vector_norm_kind(norm);
  op.prologue = formulas::vector_norm_prologue(norm, reduction.input().dtype, accumulated);
  op.output = reduction.output(result);
  op.epilogue.program = formulas::vector_norm_epilogue(norm, accumulated, result.dtype);
  Scalar exponent[] = {Scalar::of(order)}, root[] = {Scalar::of(1.0 / order)};
  if (norm == VectorNorm::kPower) {
    op.args = exponent;
    op.epilogue.args = root;
  }
  reduction.record(stream, op);
}

}  // namespace lineshaft::frontend
