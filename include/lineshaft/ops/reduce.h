// reduce: runs a program for each element, reduces its results over axes, and runs an epilogue.
//
//   v[i] = prologue(inputs[0][i], ..., args)              over the input space, `inputs` all of its sizes
//   r[j] = reduction of v over the axes in `axes`         j over the kept axes
//   output[j] = epilogue(r[j], epilogue.inputs[j] ...)
//
// Outputs have the rank of the inputs, with size 1 on each reduced axis. Sums and products of floats are accumulated in
// f32 (f64 for f64), those of integers and bools in i64. The epilogue's input 0 has the dtype of r: for a mean of f16
// it is f32, and the output is f16. The order of accumulation depends only on shape, dtype, device class and thread
// count. A minimum or maximum of no elements is refused by validate.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class ReduceKind : uint8_t {
  kSum,
  kProd,
  kMin,     // NaN wins
  kMax,     // NaN wins
  kAny,     // whether any v is not 0; bool
  kAll,     // whether no v is 0; bool
  kArgMin,  // i64: the row-major position of the first minimum within the reduced axes; the first NaN wins
  kArgMax,
  kMinIndex,  // the minimum in `output`, its position in `indices`
  kMaxIndex,
  kMeanVar,  // by Welford's method: `output` is the mean, `variance` the squared deviations' sum / (n - correction)
};
LINESHAFT_ENUM_NAMES(ReduceKind, "sum", "prod", "min", "max", "any", "all", "argmin", "argmax", "min_index",
                     "max_index", "mean_var")

struct Reduce {
  ReduceKind kind = ReduceKind::kSum;
  uint8_t axes = 0;               // bit k: axis k is reduced; 0 reduces nothing
  double correction = 0;          // kMeanVar
  ProgramRef prologue = nullptr;  // its one output is v; null: v is the one input
  List<TensorView> inputs;
  List<Scalar> args;
  TensorView output;
  TensorView indices;   // kMinIndex, kMaxIndex: i64
  TensorView variance;  // kMeanVar, which takes no epilogue; else absent
  Epilogue epilogue;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    v.param("axes", self.axes);
    v.param("correction", self.correction);
    v.param("prologue", self.prologue);
    v.input("inputs", self.inputs);
    v.param("args", self.args);
    v.output("output", self.output);
    v.output("indices", self.indices);
    v.output("variance", self.variance);
    Epilogue::fields(self.epilogue, v);
  }
};

LINESHAFT_EXPORT void validate(const Reduce& op);

// The sizes of the outputs: the input's sizes, with 1 on each axis whose bit in `axes` is set.
LINESHAFT_EXPORT Sizes reduce_output_sizes(std::span<const int64_t> input, uint8_t axes);

// The dtype of v: that of the prologue's output or, without a prologue, of the input.
LINESHAFT_EXPORT DType value_dtype(const Reduce& op);

}  // namespace lineshaft
