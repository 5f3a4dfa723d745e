// Runs a plan over tiles. Each thread has its own runner.
#pragma once

#include "backends/cpu/program/aligned_memory.h"
#include "backends/cpu/program/plan.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft::cpu {

// An operand of the current tile: the address of its element (0, 0), and the strides of rows and columns in elements.
// For an index source `data` is the value at (0, 0).
struct TileOperand {
  std::byte* data = nullptr;
  int64_t row_stride = 0, col_stride = 0;
};

class TileRunner {
 public:
  TileRunner(const Plan& plan, List<Scalar> args);
  TileRunner(const TileRunner&) = delete;
  TileRunner& operator=(const TileRunner&) = delete;

  TileOperand* inputs() { return inputs_.data(); }
  TileOperand* outputs() { return outputs_.data(); }
  TileOperand* indices() { return indices_.data(); }
  const Plan& plan() const { return plan_; }

  // Runs one tile. rows * cols is at most the plan's capacity. Operands with mode kDirect must be contiguous.
  void run(int64_t rows, int64_t cols);

 private:
  std::byte* splat(int slot) { return splats_ + slot * kSplatBytes; }
  void* resolve(Place place);
  void evaluate_uniform();
  bool uniform_moved();
  void fill_index(const PlanStep& step, int64_t rows, int64_t cols);

  const Plan& plan_;
  List<Scalar> args_;
  InlineVector<TileOperand, 6> inputs_;
  InlineVector<TileOperand, 4> outputs_;
  InlineVector<TileOperand, 2> indices_;
  InlineVector<const std::byte*, 6> splat_sources_;  // of the last evaluation
  bool evaluated_ = false;
  alignas(64) std::byte few_[1024];  // for splats and registers that need no more
  AlignedMemory memory_;
  std::byte* splats_ = nullptr;
  std::byte* registers_ = nullptr;
};

}  // namespace lineshaft::cpu
