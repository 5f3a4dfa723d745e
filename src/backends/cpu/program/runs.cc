#include "backends/cpu/program/runs.h"

#include <algorithm>

namespace lineshaft::cpu {

Runs::Runs(std::vector<RunOperand> operands, size_t moving) : operands_(std::move(operands)) {
  constexpr int64_t kLongest = 8192, kShortest = 16;
  OperandStrides strides;
  for (const RunOperand& operand : operands_) {
    strides.push_back(operand.view.strides);
    fit_ &= operand.view.dtype == operands_[0].view.dtype;
  }
  space_ = simplify(operands_[0].view.shape(), strides, moving);
  fit_ &= space_.col_size() >= kShortest;
  for (size_t k = 0; k < operands_.size(); ++k) {
    int64_t stride = space_.col_stride(k);
    fit_ &= stride == 1 || (stride == 0 && k >= moving);
    if (stride == 0) still_ |= 1u << k;
  }
  space_.cols = std::min(kLongest, space_.col_size());
  space_.rows = std::clamp<int64_t>(kLongest / space_.cols, 1, space_.row_size());
}

}  // namespace lineshaft::cpu
