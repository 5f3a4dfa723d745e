// Convolutions over raw memory: the forward pass and both gradients are one problem with a different result.
#pragma once

#include <functional>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/convert.h"

namespace lineshaft::cpu {

// Names the array that a pass computes from the two others.
enum class ConvPass : uint8_t { kForward, kGradInput, kGradWeight };
enum ConvArray { kInput, kWeight, kOutput };

struct ConvProblem {
  ConvPass pass = ConvPass::kForward;
  int spatial = 2;  // axes; the rank of every array is 2 more
  ConvGeometry geometry;
  std::array<std::array<int64_t, kMaxRank>, 3> sizes{};  // of [N, C, ...], [O, C/G, ...], [N, O, ...]
  std::array<Strided, 3> arrays;
  const TensorView* weight_view = nullptr;  // where the weight is a buffer's: its packed form may be kept

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

// Told which images of the result are whole, in order, so that an epilogue runs while they are in cache.
using ConvDone = std::function<void(int64_t begin, int64_t end)>;

// Fills the result. Operands are f64, f32, f16 or bf16, both alike; the result any float, rounded once.
void convolve(Context& context, const ConvProblem& problem, const ConvDone& done);

// The ways. oneDNN takes f32, and bf16 where the processor has it; false: it has only its reference for this.
// Pointwise: f32 kernels of one element and stride 1, which are matrix products; false: this is none, or its layout
// does not suit.
bool convolve_pointwise(Context& context, const ConvProblem& problem);
bool convolve_onednn(Context& context, const ConvProblem& problem, const ConvDone& done);
void convolve_im2col(Context& context, const ConvProblem& problem);

// The problem with array `i` in dense scratch of `type`, in its own order of axes or row-major; the values are copied,
// but for the result's.
ConvProblem with_copy(Context& context, const ConvProblem& problem, int i, DType type, bool row_major);

}  // namespace lineshaft::cpu
