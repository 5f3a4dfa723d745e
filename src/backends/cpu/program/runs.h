// Iteration over operands of one dtype in runs. Along a run each operand either has stride 1 (it moves) or stride 0 (it
// stands still).
#pragma once

#include <span>
#include <vector>

#include "backends/cpu/program/iteration.h"

namespace lineshaft::cpu {

struct RunOperand {
  std::byte* data = nullptr;  // of element (0, 0, ...)
  TensorView view;            // of the sizes of the whole space
};

class Runs {
 public:
  // The first `moving` operands must move along every run.
  Runs(std::vector<RunOperand> operands, size_t moving);
  // Whether the operands can be iterated in this way, in sufficiently long runs.
  bool fit() const { return fit_; }
  // Calls f(addresses, still, n) for all runs, on all threads. Bit k of `still` is set where operand k stands still.
  template <class F>
  void for_each(F&& f) const;

 private:
  std::vector<RunOperand> operands_;
  Iteration space_;
  uint32_t still_ = 0;
  bool fit_ = true;
};

}  // namespace lineshaft::cpu

#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {

template <class F>
void Runs::for_each(F&& f) const {
  int64_t grain = std::max<int64_t>(1, 16384 / (space_.rows * space_.cols));
  parallel_for(space_.tile_count(), grain, [&](int64_t begin, int64_t end) {
    std::vector<std::byte*> addresses(operands_.size());
    std::vector<int64_t> steps(operands_.size());
    for (size_t k = 0; k < operands_.size(); ++k) steps[k] = space_.row_stride(k) * size_of(operands_[k].view.dtype);
    TileWalker walker(space_, begin);
    for (int64_t tile = begin;;) {
      for (size_t k = 0; k < operands_.size(); ++k)
        addresses[k] = operands_[k].data + walker.offset(k) * size_of(operands_[k].view.dtype);
      for (int64_t row = 0; row < walker.rows(); ++row) {
        f(addresses.data(), still_, walker.cols());
        for (size_t k = 0; k < operands_.size(); ++k) addresses[k] += steps[k];
      }
      if (++tile == end) break;
      walker.next();
    }
  });
}

}  // namespace lineshaft::cpu
