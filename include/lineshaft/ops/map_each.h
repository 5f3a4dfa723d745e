// map_each: one program over a list of groups of tensors at once, as `foreach` and fused optimizers, clipping and loss
// scaling do.
//
// With I = program->inputs.size() and O = program->outputs.size(), group g runs as a map over inputs[g*I ... g*I+I) and
// outputs[g*O ... g*O+O). Groups have shapes of their own. `args` are shared by all groups (as many as the program
// takes) or given for each (that many times the number of groups). An input of one element (rank 0) broadcasts in each
// group. Groups are independent: no group writes what another touches.
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

// Group `g` of `op` as a map, its lists pointing into `op`'s. A rank 0 input among larger ones is broadcast into
// `scratch`, which must outlive the result.
LINESHAFT_EXPORT Map group_of(const MapEach& op, size_t g, std::vector<TensorView>& scratch);
LINESHAFT_EXPORT size_t group_count(const MapEach& op);

}  // namespace lineshaft
