// Reductions of a program's values over axes, for `reduce` and for the statistics of other operations.
#pragma once

#include "backends/cpu/context.h"
#include "backends/cpu/program/aligned_memory.h"
#include "backends/cpu/program/iteration.h"
#include "backends/cpu/program/runner.h"
#include "backends/cpu/simd/reduce_kernels.h"

namespace lineshaft::cpu {

// How one value of the program is reduced, and where its results are stored: dense arrays, row-major over the kept
// axes.
struct ReducedValue {
  ReduceKind kind = ReduceKind::kSum;
  double correction = 0;
  void* out = nullptr;     // of reduced_type
  void* second = nullptr;  // positions (i64) or variances (as `out`)
};

class Reduction {
 public:
  // `values` has one entry for each output of `program`. The inputs have the sizes of the whole iteration space.
  Reduction(Context& context, ProgramRef program, List<TensorView> inputs, List<Scalar> args, uint8_t axes,
            std::vector<ReducedValue> values);
  void run();

 private:
  struct Axis {
    int64_t size = 1;
    int64_t result_stride = 0;     // kept axes: in the results
    std::vector<int64_t> strides;  // of the operands: inputs, then index sources
  };
  struct Value {
    ReducedValue to;
    const ReduceKernels* kernels;
    int64_t element = 0;  // bytes of a value
    int64_t out_bytes = 0, second_bytes = 0;
    std::byte* partial = nullptr;  // results of blocks, where a sequence is divided among threads
  };
  class Worker;

  void split_axes(List<TensorView> inputs, uint8_t axes);
  void merge(std::vector<Axis>& axes);
  void choose_layout();
  void make_plan(List<TensorView> inputs);
  void run_side_by_side();
  void run_one_by_one();
  void finish(const Value& value, const std::byte* totals, int64_t count, int64_t first, int64_t stride) const;

  Context& context_;
  ProgramRef program_;
  List<Scalar> args_;
  std::vector<Value> values_;
  std::vector<std::byte*> addresses_;
  std::vector<int64_t> element_sizes_;  // of the operands; 0 for index sources
  std::vector<Axis> kept_, reduced_;
  int64_t outputs_ = 1, length_ = 1, blocks_ = 1;
  bool direct_ = false;        // the one value is the one input, read directly from memory
  bool side_by_side_ = false;  // computes many outputs at once, along `column_axis_`
  size_t column_axis_ = 0;
  int64_t columns_ = 1;     // outputs at once
  int64_t rows_ = 1;        // of a tile
  bool whole_ = false;      // one by one: a tile holds several whole sequences
  bool segmented_ = false;  // one by one: the last reduced axis is short, and a tile holds several rows of it
  const Plan* plan_ = nullptr;
};

}  // namespace lineshaft::cpu
