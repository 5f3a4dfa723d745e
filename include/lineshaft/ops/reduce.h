// reduce: a program for each element, then a reduction over axes, then an epilogue.
//
//   v[i] = prologue(inputs[0][i], ..., args)              over the input space, `inputs` all of its sizes
//   r[j] = reduction of v over the axes in `axes`         j over the kept axes
//   output[j] = epilogue(r[j], epilogue.inputs[j] ...)
//
// Outputs have the rank of the inputs, with size 1 on each reduced axis. Sums and products of floats accumulate in f32
// (f64 for f64), of integers and bools in i64; the epilogue's input 0 gives the dtype of r (so a mean of f16 has an f32
// input 0 there and an f16 output). The order of accumulation depends on shape, dtype, device class and thread count
// only.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class ReduceKind : uint8_t {
  kSum,
  kProd,
  kMin,     // NaN wins
  kMax,     // NaN wins
  kAny,     // of v != 0; bool
  kAll,     // of v != 0; bool
  kArgMin,  // i64: the first position of the minimum, row-major over the reduced axes; the first NaN wins
  kArgMax,
  kMinIndex,  // min with its position: output and `indices`
  kMaxIndex,
  kMeanVar,  // Welford: output is the mean, `variance` the sum of squared deviations over (n - correction)
};
LINESHAFT_ENUM_NAMES(ReduceKind, "sum", "prod", "min", "max", "any", "all", "argmin", "argmax", "min_index",
                     "max_index", "mean_var")

struct Reduce {
  ReduceKind kind = ReduceKind::kSum;
  uint8_t axes = 0;               // bit k: axis k is reduced; 0 reduces nothing
  double correction = 0;          // kMeanVar
  ProgramRef prologue = nullptr;  // one output, whose dtype is that of v; null: inputs has one view, taken as it is
  List<TensorView> inputs;
  List<Scalar> args;
  TensorView output;
  TensorView indices;   // kMinIndex, kMaxIndex: i64
  TensorView variance;  // kMeanVar; absent otherwise. kMeanVar takes no epilogue
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

// The sizes of outputs: the input's, with 1 on each axis whose bit is set.
LINESHAFT_EXPORT Sizes reduce_output_sizes(std::span<const int64_t> input, uint8_t axes);

// The dtype of v: the prologue's output or the input's own.
LINESHAFT_EXPORT DType value_dtype(const Reduce& op);

}  // namespace lineshaft
