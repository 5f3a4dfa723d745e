#include <optional>

#include "backends/cpu/dnn/conv_problem.h"
#include "backends/cpu/dnn/onednn.h"
#include "backends/cpu/dnn/product.h"

namespace lineshaft::cpu {
namespace {

bool is_pointwise(const ConvProblem& p) {
  if (p.geometry.groups != 1) return false;
  for (int i = 0; i < p.spatial; ++i)
    if (p.sizes[kWeight][2 + i] != 1 || p.geometry.stride[i] != 1 || p.geometry.padding_begin[i] != 0 ||
        p.geometry.padding_end[i] != 0)
      return false;
  return true;
}

// An activation as a [channels, positions] matrix an image; none where its spatial axes do not merge.
std::optional<Matrices> image_matrices(const ConvProblem& p, int array) {
  const Strided& memory = p.arrays[array];
  int last = p.rank() - 1;
  for (int i = last; i > 2; --i)
    if (p.sizes[array][i - 1] > 1 && memory.strides[i - 1] != memory.strides[i] * p.sizes[array][i])
      return std::nullopt;
  return Matrices{memory.data, memory.dtype, memory.strides[0], memory.strides[1], memory.strides[last]};
}

// All images side by side are one matrix.
bool folds(const Matrices& m, int64_t images, int64_t positions) {
  return images == 1 || m.batch_stride == positions * m.column;
}

// gradient[O, C] = the sum over images of grad_output[O, positions] input[positions, C].
void sum_products(const Matrices& grad, const Matrices& input, const Matrices& gradient, int64_t images,
                  int64_t features, int64_t channels, int64_t positions) {
  SgemmLayout g = sgemm_layout(grad, features, positions), i = sgemm_layout(input.transposed(), positions, channels);
  for (int64_t n = 0; n < images; ++n)
    sgemm(g.transposed, i.transposed, features, channels, positions, 1.0f, grad.as<float>() + n * grad.batch_stride,
          g.leading, input.as<float>() + n * input.batch_stride, i.leading, n ? 1.0f : 0.0f, gradient.as<float>(),
          sgemm_layout(gradient, features, channels).leading);
}

}  // namespace

bool convolve_pointwise(Context& context, const ConvProblem& p) {
  // A result of f32 may have operands of bf16.
  for (const Strided& array : p.arrays)
    if (array.dtype != DType::kF32) return false;
  if (!is_pointwise(p)) return false;
  auto input = image_matrices(p, kInput), output = image_matrices(p, kOutput);
  int64_t images = p.sizes[kInput][0], channels = p.sizes[kInput][1], features = p.sizes[kOutput][1];
  int64_t positions = p.numel(kInput) / (images * channels);
  if (!input || !output || !sgemm_layout(*input, channels, positions).leading ||
      !sgemm_layout(*output, features, positions).leading)
    return false;
  const Strided& memory = p.arrays[kWeight];
  Matrices weight{memory.data, DType::kF32, 0, memory.strides[0], memory.strides[1]};
  if (weight.column != 1 || weight.row < channels) return false;
  if (folds(*input, images, positions) && folds(*output, images, positions)) {
    positions *= images;
    images = 1;
  }
  switch (p.pass) {
    case ConvPass::kForward:
      multiply(context, {images, features, positions, channels, weight, *input, *output});
      break;
    case ConvPass::kGradInput:
      multiply(context, {images, channels, positions, features, weight.transposed(), *output, *input});
      break;
    case ConvPass::kGradWeight:
      sum_products(*output, *input, weight, images, features, channels, positions);
      break;
  }
  return true;
}

}  // namespace lineshaft::cpu
