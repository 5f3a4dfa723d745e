// Runs a plan over tiles. One runner a thread.
#pragma once

#include <vector>

#include "backends/cpu/program/aligned_memory.h"
#include "backends/cpu/program/plan.h"
#include "ops/operation.h"

namespace lineshaft::cpu {

// An operand of the tile at hand: the address of its element (0, 0), and how far apart rows and columns lie, in
// elements. For an index source `data` is the value at (0, 0).
struct TileOperand {
  std::byte* data = nullptr;
  int64_t row_stride = 0, col_stride = 0;
};

class TileRunner {
 public:
  TileRunner(const Plan& plan, List<Scalar> args);

  TileOperand* inputs() { return inputs_.data(); }
  TileOperand* outputs() { return outputs_.data(); }
  TileOperand* indices() { return indices_.data(); }
  const Plan& plan() const { return plan_; }

  // rows * cols is at most the plan's capacity. Operands planned as direct lie without gaps.
  void run(int64_t rows, int64_t cols);

 private:
  std::byte* splat(int slot) { return splats_ + slot * kSplatBytes; }
  void* resolve(Place place);
  void evaluate_uniform();
  bool uniform_moved();
  void fill_index(const PlanStep& step, int64_t rows, int64_t cols);

  const Plan& plan_;
  List<Scalar> args_;
  std::vector<TileOperand> inputs_, outputs_, indices_;
  std::vector<const std::byte*> splat_sources_;  // of the last evaluation
  bool evaluated_ = false;
  AlignedMemory memory_;
  std::byte* splats_ = nullptr;
  std::byte* registers_ = nullptr;
};

}  // namespace lineshaft::cpu
