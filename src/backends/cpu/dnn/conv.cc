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

// The type that the operands have before any way takes them.
DType working_type(DType operand) {
  bool widened = operand == DType::kF16 || (operand == DType::kBF16 && !has_native_bf16());
  return widened ? DType::kF32 : operand;
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

void convolve(Context& context, const ConvProblem& problem, const ConvDone& done) {
  int result = problem.result();
  int64_t images = problem.sizes[kInput][0];
  if (problem.numel(result) == 0) return;
  for (int i = 0; i < 3; ++i)
    if (problem.numel(i) == 0) {
      fill_zero(problem);
      return done(0, images);
    }
  DType type = working_type(problem.arrays[result == kInput ? kOutput : kInput].dtype);
  ConvProblem p = problem;
  for (int i = 0; i < 3; ++i)
    if (i != result && p.arrays[i].dtype != type) p = with_copy(context, p, i, type, false);
  // bf16 products may be stored as f32; any other mixture is rounded from a result of the working type, or f32.
  bool direct = p.arrays[result].dtype == type || (type == DType::kBF16 && p.arrays[result].dtype == DType::kF32);
  if (!direct) p = with_copy(context, p, result, accumulate_type(type), false);
  bool whole = type != DType::kF64 && convolve_pointwise(context, p);
  if (!whole && type != DType::kF64) {
    whole = convolve_onednn(
        context, p, direct ? done : [](int64_t, int64_t) {});
    if (whole && direct) return;
  }
  if (!whole) convolve_im2col(context, p);
  if (!direct) convert_array(p.arrays[result], problem.arrays[result], problem.shape(result));
  done(0, images);
}

}  // namespace lineshaft::cpu
