#include "fusion/fusion_fold.h"

#include "program/compose.h"

namespace lineshaft {
namespace {

constexpr size_t kLookAhead = 16;  // nodes between a result and the map that folds into it

template <class Op>
concept HasEpilogue = requires(const Op& op) {
  op.epilogue;
  op.output;
};

// The map's inputs with the result among them wired to output 0 of what comes before, the others to `inputs`, extended
// as needed.
std::pmr::vector<Wire> wire_inputs(const ViewVector& views, const TensorView& result, ViewVector& inputs,
                                   size_t first_inputs, size_t offset) {
  std::pmr::vector<Wire> wires(inputs.get_allocator().resource());
  for (const TensorView& view : views) {
    if (view == result) {
      wires.push_back({Wire::kFirstOutput, 0});
      continue;
    }
    int at = find_view(inputs, view);
    if (at < 0) {
      at = static_cast<int>(inputs.size());
      inputs.push_back(view);
    }
    size_t number = at + offset;
    if (number < first_inputs)
      wires.push_back({Wire::kFirstInput, static_cast<uint8_t>(number)});
    else
      wires.push_back({Wire::kNewInput, static_cast<uint8_t>(number - first_inputs)});
  }
  return wires;
}

// May `map` (node `at`) become the epilogue of the operation at `from`, whose result is `result`?
bool foldable(const FusionGraph& graph, size_t from, size_t at, const TensorView& result, const ViewsIn& views) {
  const Node& map = graph.nodes()[at];
  if (map.outputs.size() != 1 || map.map.program->uses_index || !views.valid) return false;
  if (find_view(views.inputs(), result) < 0) return false;
  const TensorView& output = views.outputs()[0];
  bool in_place = output == result;
  if (!in_place) {
    if (overlap(output, result) != Overlap::kDisjoint) return false;
    if (!graph.released(result.buffer) || !graph.unread_after(result.buffer, from, at)) return false;
    if (graph.touches(graph.nodes()[from], output)) return false;
  }
  for (const TensorView& view : views.inputs())
    if (!(view == result) &&
        (overlap(view, result) != Overlap::kDisjoint || overlap(view, output) != Overlap::kDisjoint))
      return false;
  return graph.may_move_up(at, from) || graph.may_move_down(from, at);
}

template <HasEpilogue Op>
bool fold_into(FusionGraph& graph, CommandList& list, const FusionLimits& limits, size_t from, size_t at) {
  auto& nodes = graph.nodes();
  Node& map = nodes[at];
  const Op& before_op = *static_cast<const Op*>(nodes[from].command.op);
  if (!mentions(map.inputs, before_op.output.buffer)) return false;
  Op op = before_op;
  ViewsIn views(map, op.output.shape());
  if (!foldable(graph, from, at, op.output, views)) return false;
  ProgramRef before = op.epilogue.program ? op.epilogue.program : identity_program(op.output.dtype);
  ViewVector inputs(op.epilogue.inputs.begin(), op.epilogue.inputs.end(), graph.memory());
  auto wires = wire_inputs(views.inputs(), op.output, inputs, before->inputs.size(), 1);
  ScalarVector args(op.epilogue.args.begin(), op.epilogue.args.end(), graph.memory());
  args.insert(args.end(), map.args.begin(), map.args.end());
  if (inputs.size() + 4 > static_cast<size_t>(limits.max_views) || args.size() > Program::kMaxOperands) return false;
  const uint8_t replaced[] = {0};
  op.epilogue.program = compose(before, map.map.program, wires, replaced);
  if (op.epilogue.program->code.size() > static_cast<size_t>(limits.max_instructions)) return false;
  op.epilogue.inputs = list_of(inputs);
  op.epilogue.args = list_of(args);
  op.output = views.outputs()[0];
  size_t place = graph.may_move_up(at, from) ? from : at;
  nodes[from].command.op = list.place(op);
  graph.drop(at);
  if (place == at) graph.move(from, at);
  graph.refresh_accesses(place);
  return true;
}

// Folds the next map that reads the result of node `from`. Gives the node's place afterwards, or -1.
int fold_next(FusionGraph& graph, CommandList& list, const FusionLimits& limits, size_t from) {
  auto& nodes = graph.nodes();
  size_t seen = 0;
  for (size_t at = from + 1; at < nodes.size() && seen < kLookAhead; ++at) {
    if (!nodes[at].live) continue;
    ++seen;
    if (!nodes[at].is_map) continue;
    bool folded = visit_operation(nodes[from].command.op_kind, nodes[from].command.op, [&](const auto& op) {
      using Op = std::decay_t<decltype(op)>;
      if constexpr (HasEpilogue<Op> && !std::is_same_v<Op, Reduce>)
        return fold_into<Op>(graph, list, limits, from, at);
      else
        return false;
    });
    if (folded) return static_cast<int>(nodes[from].live ? from : at);
  }
  return -1;
}

bool takes_epilogue(const Node& node) {
  if (!node.live || node.is_map || node.alone || node.command.kind != CommandKind::kOperation) return false;
  return visit_operation(node.command.op_kind, node.command.op, [](const auto& op) {
    using Op = std::decay_t<decltype(op)>;
    return HasEpilogue<Op> && !std::is_same_v<Op, Reduce>;
  });
}

bool fold_prologue(FusionGraph& graph, CommandList& list, const FusionLimits& limits, size_t from, size_t at) {
  auto& nodes = graph.nodes();
  Node& map = nodes[from];
  if (map.outputs.size() != 1 || map.map.program->uses_index) return false;
  const Reduce& recorded = *static_cast<const Reduce*>(nodes[at].command.op);
  if (!mentions({recorded.inputs.data, recorded.inputs.size()}, map.outputs[0].buffer)) return false;
  Reduce op = recorded;
  ViewsIn views(map, op.inputs[0].shape());
  if (!views.valid) return false;
  const TensorView& result = views.outputs()[0];
  ViewVector reads(op.inputs.begin(), op.inputs.end(), graph.memory());
  if (find_view(reads, result) < 0 || !graph.released(result.buffer) || !graph.unread_after(result.buffer, from, at))
    return false;
  for (const TensorView& view : reads)
    if (!(view == result) && overlap(view, result) != Overlap::kDisjoint) return false;
  for (const TensorView& view : views.inputs())
    for (const TensorView& written : {op.output, op.indices, op.variance})
      if (written && overlap(view, written) != Overlap::kDisjoint) return false;
  if (!graph.may_move_down(from, at)) return false;
  ProgramRef second = op.prologue ? op.prologue : identity_program(op.inputs[0].dtype);
  ViewVector inputs(views.inputs(), graph.memory());
  auto wires = wire_inputs(reads, result, inputs, map.inputs.size(), 0);
  if (inputs.empty()) return false;  // a fill, say: a reduction takes its space from an input
  ScalarVector args(map.args, graph.memory());
  args.insert(args.end(), op.args.begin(), op.args.end());
  if (inputs.size() + 4 > static_cast<size_t>(limits.max_views) || args.size() > Program::kMaxOperands) return false;
  const uint8_t replaced[] = {kNotReplaced};
  ProgramRef both = compose(map.map.program, second, wires, replaced);
  op.prologue = keep_outputs(both, 0b10);
  if (op.prologue->code.size() > static_cast<size_t>(limits.max_instructions)) return false;
  op.inputs = list_of(inputs);
  op.args = list_of(args);
  nodes[at].command.op = list.place(op);
  graph.drop(from);
  graph.refresh_accesses(at);
  return true;
}

}  // namespace

void fold_epilogues(FusionGraph& graph, CommandList& list, const FusionLimits& limits) {
  auto& nodes = graph.nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!takes_epilogue(nodes[i])) continue;
    for (int place = static_cast<int>(i); place >= 0;) place = fold_next(graph, list, limits, place);
  }
}

void fold_prologues(FusionGraph& graph, CommandList& list, const FusionLimits& limits) {
  auto& nodes = graph.nodes();
  for (size_t at = 0; at < nodes.size(); ++at) {
    const Node& node = nodes[at];
    if (!node.live || node.is_map || node.alone || node.command.kind != CommandKind::kOperation ||
        node.command.op_kind != OpKind::kReduce)
      continue;
    for (size_t from = at, seen = 0; from-- > 0 && seen < kLookAhead;) {
      if (!nodes[from].live) continue;
      ++seen;
      if (nodes[from].is_map && fold_prologue(graph, list, limits, from, at)) break;
    }
  }
}

}  // namespace lineshaft
