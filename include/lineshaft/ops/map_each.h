// map_each: runs one program over many groups of tensors in one command, for PyTorch's `foreach` operators, fused
// optimizers, gradient clipping and loss scaling.
//
// With I = program->inputs.size() and O = program->outputs.size(), group g runs as a map over inputs[g*I ... g*I+I) and
// outputs[g*O ... g*O+O). Each group has a shape of its own. `args` holds either the program's arguments once, for all
// groups, or once for each group in order. An input of rank 0 broadcasts to its group. Groups are independent: no group
// writes memory that another group reads or writes.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/map.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct MapEach {
  ProgramRef program = nullptr;
  List<TensorView> inputs;
  List<TensorView> outputs;
  List<Scalar> args;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("program", self.program);
    v.input("inputs", self.inputs);
    v.output("outputs", self.outputs);
    v.param("args", self.args);
  }
};

LINESHAFT_EXPORT void validate(const MapEach& op);

// Group `g` of `op` as a map. Its lists point into the lists of `op` or, where an input of rank 0 is broadcast, into
// `scratch`; both must outlive the result.
LINESHAFT_EXPORT Map group_of(const MapEach& op, size_t g, std::vector<TensorView>& scratch);
LINESHAFT_EXPORT size_t group_count(const MapEach& op);

}  // namespace lineshaft
