// map: runs a program for each element of an iteration space.
//
//   outputs[k][i] = program.results[k](inputs[0][i], inputs[1][i], ..., args)
//
// All views have the sizes of the iteration space; inputs broadcast by stride 0. An input may be identical to an output
// (in-place use); otherwise outputs share no memory with other views. Arithmetic, casts, fills, ranges, random numbers,
// comparisons, selection and copies between layouts are all maps.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Map {
  ProgramRef program = nullptr;
  List<TensorView> inputs;
  List<TensorView> outputs;  // at least one
  List<Scalar> args;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("program", self.program);
    v.input("inputs", self.inputs);
    v.output("outputs", self.outputs);
    v.param("args", self.args);
  }
};

// Throws Error(kInvalidArgument) unless the operation is well formed by itself. It does not know the sizes of buffers.
LINESHAFT_EXPORT void validate(const Map& op);

}  // namespace lineshaft
