#include <algorithm>

#include "backends/cpu/dnn/conv_problem.h"
#include "backends/cpu/dnn/onednn.h"
#include "backends/cpu/dnn/staged_result.h"

namespace lineshaft::cpu {
namespace {

void fill_zero(const ConvProblem& problem) {
  uint64_t zero = 0;
  const Strided& result = problem.arrays[problem.result()];
  convert_array({&zero, result.dtype, {}}, result, problem.shape(problem.result()));
}

// What the arrays must have in common before either way takes them.
DType working_type(const ConvProblem& problem, DType operand) {
  if (operand == DType::kF16) return DType::kF32;
  if (operand == DType::kBF16 && !has_native_bf16()) return DType::kF32;
  (void)problem;
  return operand;
}

}  // namespace

ConvProblem with_copy(Context& context, const ConvProblem& problem, int i, DType type, bool row_major) {
  ConvProblem copy = problem;
  TensorView view{.dtype = type, .rank = static_cast<uint8_t>(problem.rank()), .sizes = problem.sizes[i]};
  view.strides = problem.arrays[i].strides;
  if (row_major) view = contiguous_view({}, type, problem.shape(i));
  copy.arrays[i] = {context.scratch(problem.numel(i) * size_of(type)), type, dense_strides_like(view)};
  if (i == kWeight) copy.weight_view = nullptr;
  if (i != problem.result()) convert_array(problem.arrays[i], copy.arrays[i], problem.shape(i));
  return copy;
}

void convolve(Context& context, const ConvProblem& problem) {
  int result = problem.result();
  if (problem.numel(result) == 0) return;
  for (int i = 0; i < 3; ++i)
    if (problem.numel(i) == 0) return fill_zero(problem);
  DType operand = problem.arrays[result == kInput ? kOutput : kInput].dtype;
  DType type = working_type(problem, operand);
  ConvProblem p = problem;
  for (int i = 0; i < 3; ++i)
    if (i != result && p.arrays[i].dtype != type) p = with_copy(context, p, i, type, false);
  // bf16 products may be stored as f32; any other mixture is rounded from a result of the working type, or f32.
  bool direct = p.arrays[result].dtype == type || (type == DType::kBF16 && p.arrays[result].dtype == DType::kF32);
  if (!direct) p = with_copy(context, p, result, type == DType::kF64 ? DType::kF64 : DType::kF32, false);
  if (type == DType::kF64 || !convolve_onednn(context, p)) convolve_im2col(context, p);
  if (!direct) convert_array(p.arrays[result], problem.arrays[result], problem.shape(result));
}

}  // namespace lineshaft::cpu
