#include "lineshaft/ops/map_each.h"

#include "ops/operands.h"

namespace lineshaft {
namespace {

void require_counts(const MapEach& op) {
  LS_REQUIRE(op.program, "the program is missing");
  size_t inputs = op.program->inputs.size(), outputs = op.program->outputs.size(), args = op.program->args.size();
  LS_REQUIRE(outputs > 0, "the program of a map_each has no output; it takes one at least");
  LS_REQUIRE(!op.outputs.empty() && op.outputs.size() % outputs == 0, op.outputs.size(),
             " outputs are given for groups of ", outputs);
  size_t groups = op.outputs.size() / outputs;
  LS_REQUIRE(op.inputs.size() == groups * inputs, op.inputs.size(), " inputs are given for ", groups, " groups of ",
             inputs);
  LS_REQUIRE(op.args.size() == args || op.args.size() == args * groups, op.args.size(), " arguments are given; ",
             groups, " groups take ", args, " together or ", args * groups);
}

void require_group_memory(const MapEach& op) {
  std::vector<Operand> operands;
  operands.reserve(op.inputs.size() + op.outputs.size());
  size_t inputs = op.program->inputs.size(), outputs = op.program->outputs.size();
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    require_present("an input", op.inputs[i]);
    operands.push_back({.name = "an input",
                        .view = op.inputs[i],
                        .read = true,
                        .in_place = true,
                        .group = static_cast<uint32_t>(i / inputs)});
  }
  for (size_t i = 0; i < op.outputs.size(); ++i) {
    require_present("an output", op.outputs[i]);
    operands.push_back(
        {.name = "an output", .view = op.outputs[i], .written = true, .group = static_cast<uint32_t>(i / outputs)});
  }
  require_operands(operands);
}

}  // namespace

size_t group_count(const MapEach& op) {
  return op.outputs.size() / op.program->outputs.size();
}

Map group_of(const MapEach& op, size_t g, std::vector<TensorView>& scratch) {
  const Program& program = *op.program;
  size_t inputs = program.inputs.size(), outputs = program.outputs.size(), args = program.args.size();
  Map map;
  map.program = op.program;
  map.inputs = {op.inputs.data + g * inputs, inputs};
  map.outputs = {op.outputs.data + g * outputs, outputs};
  map.args = {op.args.data + (op.args.size() > args ? g * args : 0), args};
  const TensorView& space = map.outputs[0];
  bool broadcasts = false;
  for (const TensorView& view : map.inputs) broadcasts |= view.rank == 0 && space.rank != 0;
  if (broadcasts) {
    scratch.assign(map.inputs.begin(), map.inputs.end());
    for (TensorView& view : scratch)
      if (view.rank == 0) view = broadcast_to(view, space.shape());
    map.inputs = scratch;
  }
  return map;
}

void validate(const MapEach& op) {
  require_counts(op);
  require_group_memory(op);
  std::vector<TensorView> scratch;
  for (size_t g = 0; g < group_count(op); ++g) {
    Map map = group_of(op, g, scratch);
    require_program(map.program, map.inputs, map.outputs, map.args.size());
    for (const TensorView& view : map.outputs) require_shape("an output", view, map.outputs[0].shape());
    for (const TensorView& view : map.inputs) require_shape("an input", view, map.outputs[0].shape());
    require_space(map.program, map.outputs[0].rank);
  }
}

}  // namespace lineshaft
