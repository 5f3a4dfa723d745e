// Where an operation stores r, its result before the epilogue: the output itself, or scratch where the epilogue's input
// 0 has another dtype or the epilogue still reads what lies in the output.
#pragma once

#include <vector>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/convert.h"

namespace lineshaft::cpu {

class StagedResult {
 public:
  StagedResult(Context& context, const TensorView& output, const Epilogue& epilogue);

  // The memory that takes r: the output's sizes, strides of the output's own order.
  Strided memory() const { return {data_, view_.dtype, view_.strides}; }
  DType dtype() const { return view_.dtype; }
  // Runs the epilogue. Once, after r is whole.
  void finish();

 private:
  Context& context_;
  const TensorView& output_;
  const Epilogue& epilogue_;
  TensorView view_;
  void* data_;
  bool in_output_;
};

// Strides of a dense array whose axes lie in memory in the same order as `view`'s.
std::array<int64_t, kMaxRank> dense_strides_like(const TensorView& view);

// The context as it is, with one more buffer: scratch under a name of its own, so that views can name it.
class ScratchBuffer final : public Context {
 public:
  static constexpr BufferId kId{~uint64_t{0}};

  ScratchBuffer(Context& context, void* data) : context_(context), data_(static_cast<std::byte*>(data)) {}
  void* scratch(size_t bytes) override { return context_.scratch(bytes); }
  void report_index(int64_t index, int64_t bound) override { context_.report_index(index, bound); }
  uint64_t write_count(BufferId buffer) override { return context_.write_count(buffer); }

 protected:
  std::byte* base(BufferId buffer) override {
    return buffer == kId ? data_ : context_.data(TensorView{.buffer = buffer});
  }

 private:
  Context& context_;
  std::byte* data_;
};

}  // namespace lineshaft::cpu
