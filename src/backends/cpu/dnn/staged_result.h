// The memory in which an operation stores r, its result before the epilogue: the output itself, or scratch where the
// epilogue's input 0 has another dtype, or the epilogue still reads the old contents of the output.
#pragma once

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/convert.h"

namespace lineshaft::cpu {

class StagedResult {
 public:
  StagedResult(Context& context, const TensorView& output, const Epilogue& epilogue);

  // The memory for r. It has the output's sizes; its axes have the order of the output's axes in memory.
  Strided memory() const { return {data_, view_.dtype, view_.strides}; }
  DType dtype() const { return view_.dtype; }
  // Runs the epilogue on parts of r that are complete: on all of r, or on items begin..end of the first axis. Call it
  // once for each item.
  void finish() { finish(0, view_.rank ? view_.sizes[0] : 1); }
  void finish(int64_t begin, int64_t end);
  // Whether there is an epilogue that may run in parts.
  bool runs_in_parts() const { return epilogue_.program && !epilogue_.program->uses_index; }

 private:
  Context& context_;
  const TensorView& output_;
  const Epilogue& epilogue_;
  TensorView view_;
  void* data_;
  bool in_output_;
};

// Strides of a dense array whose axes have the same order in memory as those of `view`.
std::array<int64_t, kMaxRank> dense_strides_like(const TensorView& view);

}  // namespace lineshaft::cpu
