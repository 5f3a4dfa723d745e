#include "backends/cpu/program/normalize_grad_lines.h"

#include <cstring>

#include "backends/cpu/parallel.h"
#include "backends/cpu/program/aligned_memory.h"
#include "backends/cpu/program/epilogue.h"
#include "backends/cpu/program/trailing_lines.h"
#include "backends/cpu/simd/normalize_kernels.h"
#include "backends/cpu/simd/reduce_kernels.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kLongestLine = 16384;  // the lanes of its columns still fit in caches

// Whether `sum` is taken over just the axes before `axis`.
bool sums_lines(const TensorView& sum, const TensorView& input, int axis) {
  if (!sum) return true;
  for (int i = 0; i < input.rank; ++i)
    if (sum.sizes[i] != (i < axis ? 1 : input.sizes[i])) return false;
  return true;
}

// The axis at which lines begin; -1 where this does not serve.
int line_axis(const NormalizeGrad& op) {
  DType type = op.rstd.dtype;
  if (op.constant_statistics || !op.grad_input) return -1;
  int axis = first_line_axis(op.input, op.axes);
  if (axis < 0) return -1;
  for (const TensorView* view : {&op.grad_output, &op.input, &op.grad_input})
    if (view->dtype != type || !view->is_contiguous()) return -1;
  for (const TensorView* view : {&op.mean, &op.rstd})
    if (*view && !view->is_contiguous()) return -1;
  if (op.weight) {
    if (op.weight.dtype != type || first_line_axis(op.weight, op.axes) != axis) return -1;
    for (int i = 0; i < axis; ++i)
      if (op.weight.sizes[i] > 1 && op.weight.strides[i] != 0) return -1;
  }
  return sums_lines(op.grad_weight, op.input, axis) && sums_lines(op.grad_bias, op.input, axis) ? axis : -1;
}

template <class T>
class NormalizeGradLines {
 public:
  NormalizeGradLines(Context& context, const NormalizeGrad& op, int64_t length)
      : op_(op),
        length_(length),
        count_(op.input.numel() / length),
        blocks_(divide_up(count_, kReduceBlock)),
        sums_(op.grad_weight || op.grad_bias),
        reduce_(reduce_kernels(ReduceKind::kSum, type_)),
        normalize_(normalize_kernels(type_)),
        subtract_(kernels().op[static_cast<int>(Opcode::kSub)][type_index(type_)]),
        multiply_(kernels().op[static_cast<int>(Opcode::kMul)][type_index(type_)]),
        grad_(context.data<T>(op.grad_output)),
        x_(context.data<T>(op.input)),
        mean_(op.mean ? context.data<T>(op.mean) : nullptr),
        rstd_(context.data<T>(op.rstd)),
        weight_(op.weight ? context.data<T>(op.weight) : nullptr),
        out_(context.data<T>(op.grad_input)) {}

  bool fits() const { return length_ <= kLongestLine && blocks_ >= thread_count(); }

  void run(Context& context) {
    int64_t bytes = length_ * reduce_.block_bytes;
    std::byte* partial = sums_ ? context.scratch<std::byte>(2 * blocks_ * bytes) : nullptr;
    parallel_for(blocks_, 1, [&](int64_t begin, int64_t end) {
      AlignedMemory memory(3 * length_ * sizeof(T) + 2 * length_ * reduce_.lane_bytes);
      for (int64_t block = begin; block < end; ++block)
        run_block(block, reinterpret_cast<T*>(memory.get()), partial ? partial + 2 * block * bytes : nullptr);
    });
    if (!sums_) return;
    AlignedMemory totals(length_ * reduce_.total_bytes);
    T* result = context.scratch<T>(length_);
    for (int which = 0; which < 2; ++which) {
      const TensorView& view = which ? op_.grad_weight : op_.grad_bias;
      if (!view) continue;
      reduce_.clear(totals.get(), length_);
      for (int64_t block = 0; block < blocks_; ++block)
        reduce_.merge(totals.get(), partial + (2 * block + which) * bytes, length_);
      reduce_.finish(totals.get(), length_, 0, result, nullptr);
      store_results(context, reinterpret_cast<std::byte*>(result), type_, {}, view);
    }
  }

 private:
  static constexpr DType type_ = sizeof(T) == 4 ? DType::kF32 : DType::kF64;

  T sum(const T* v) const {
    alignas(64) std::byte block[64], total[64];
    reduce_.clear(total, 1);
    for (int64_t first = 0; first < length_; first += kReduceBlock) {
      reduce_.run(v + first, std::min(kReduceBlock, length_ - first), first, block);
      reduce_.merge(total, block, 1);
    }
    T result;
    reduce_.finish(total, 1, 0, &result, nullptr);
    return result;
  }

  // `work`: x^, the weighted gradient, products; then the lanes of grad_bias and of grad_weight.
  void run_block(int64_t block, T* work, std::byte* partial) const {
    auto* lanes = reinterpret_cast<std::byte*>(work + 3 * length_);
    std::byte* lanes_of[2] = {lanes, lanes + length_ * reduce_.lane_bytes};
    int64_t first = block * kReduceBlock, rows = std::min(kReduceBlock, count_ - first);
    if (partial)
      for (std::byte* each : lanes_of) reduce_.begin(each, length_);
    for (int64_t row = 0; row < rows; ++row) {
      const T* products = run_line(first + row, work);
      if (!partial) continue;
      reduce_.rows(grad_ + (first + row) * length_, 1, length_, length_, row, lanes_of[0]);
      reduce_.rows(products, 1, length_, length_, row, lanes_of[1]);
    }
    if (!partial) return;
    for (int which = 0; which < 2; ++which)
      reduce_.fold(lanes_of[which], length_, rows, first, partial + which * length_ * reduce_.block_bytes);
  }

  // Returns the line of grad_output * x^.
  const T* run_line(int64_t line, T* work) const {
    T *normal = work, *weighted = work + length_, *products = work + 2 * length_;
    const T *grad = grad_ + line * length_, *x = x_ + line * length_;
    alignas(64) T mean[kSplatBytes / sizeof(T)], rstd[kSplatBytes / sizeof(T)];
    for (T& each : rstd) each = rstd_[line];
    if (mean_) {
      for (T& each : mean) each = mean_[line];
      subtract_({.out = normal, .a = x, .b = mean, .n = length_, .splat = 2});
      x = normal;
    }
    multiply_({.out = normal, .a = x, .b = rstd, .n = length_, .splat = 2});
    const T* g = grad;
    if (weight_) {
      multiply_({.out = weighted, .a = grad, .b = weight_, .n = length_});
      g = weighted;
    }
    multiply_({.out = products, .a = g, .b = normal, .n = length_});
    T grad_sum = mean_ ? sum(g) : T{}, product_sum = sum(products);
    normalize_.apply_grad(
        {.grad = grad,
         .x = x_ + line * length_,
         .out = out_ + line * length_,
         .operands = {mean_ ? mean_ + line : nullptr, rstd_ + line, weight_, mean_ ? &grad_sum : nullptr, &product_sum},
         .scale = 1 / static_cast<double>(length_),
         .n = length_,
         .still = 1 | 2 | 8 | 16});
    if (weight_ && sums_) multiply_({.out = products, .a = grad, .b = normal, .n = length_});
    return products;
  }

  const NormalizeGrad& op_;
  int64_t length_, count_, blocks_;
  bool sums_;
  const ReduceKernels& reduce_;
  const NormalizeKernels& normalize_;
  Kernel subtract_, multiply_;
  const T *grad_, *x_, *mean_, *rstd_, *weight_;
  T* out_;
};

template <class T>
bool run_as(Context& context, const NormalizeGrad& op, int64_t length) {
  NormalizeGradLines<T> lines(context, op, length);
  if (!lines.fits()) return false;
  lines.run(context);
  return true;
}

}  // namespace

bool run_grad_in_lines(Context& context, const NormalizeGrad& op) {
  if (op.input.numel() == 0) return false;
  int axis = line_axis(op);
  if (axis < 0) return false;
  int64_t length = 1;
  for (int i = axis; i < op.input.rank; ++i) length *= op.input.sizes[i];
  return op.rstd.dtype == DType::kF32 ? run_as<float>(context, op, length) : run_as<double>(context, op, length);
}

}  // namespace lineshaft::cpu
