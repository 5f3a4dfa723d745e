// Convolutions over raw memory. The forward pass and both gradients are the same problem with a different array as the
// result.
#pragma once

#include <functional>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/convert.h"

namespace lineshaft::cpu {

// The array that a pass computes from the two others.
enum class ConvPass : uint8_t { kForward, kGradInput, kGradWeight };
enum ConvArray { kInput, kWeight, kOutput };

struct ConvProblem {
  ConvPass pass = ConvPass::kForward;
  int spatial = 2;  // axes; the rank of every array is 2 more
  ConvGeometry geometry;
  std::array<std::array<int64_t, kMaxRank>, 3> sizes{};  // of [N, C, ...], [O, C/G, ...], [N, O, ...]
  std::array<Strided, 3> arrays;
  const TensorView* weight_view = nullptr;  // set where the weight lies in a buffer: its packed form may be kept

  int rank() const { return spatial + 2; }
  ConvArray result() const {
    return pass == ConvPass::kForward ? kOutput : pass == ConvPass::kGradInput ? kInput : kWeight;
  }
  std::span<const int64_t> shape(int array) const { return {sizes[array].data(), static_cast<size_t>(rank())}; }
  int64_t numel(int array) const {
    int64_t count = 1;
    for (int64_t size : shape(array)) count *= size;
    return count;
  }
};

// Called in order for images of the result that are complete, so that an epilogue runs while they are in the cache.
using ConvDone = std::function<void(int64_t begin, int64_t end)>;

// Computes the result. Both operands have the same float dtype; the result may have any float dtype and is rounded
// once.
void convolve(Context& context, const ConvProblem& problem, const ConvDone& done);

// The implementations; false: not applicable. Pointwise: f32 kernels of one element with stride 1, which are matrix
// products, if the layout is suitable. oneDNN: f32, and bf16 where the processor supports it, unless oneDNN has only
// its reference implementation.
bool convolve_pointwise(Context& context, const ConvProblem& problem);
bool convolve_onednn(Context& context, const ConvProblem& problem, const ConvDone& done);
void convolve_im2col(Context& context, const ConvProblem& problem);

// The problem with array `i` replaced by dense scratch of `type`, in the array's own order of axes or row-major. The
// values are copied unless the array is the result.
ConvProblem with_copy(Context& context, const ConvProblem& problem, int i, DType type, bool row_major);

}  // namespace lineshaft::cpu
