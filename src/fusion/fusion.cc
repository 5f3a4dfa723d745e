#include "lineshaft/fusion/fusion.h"

#include <utility>

#include "fusion/fusion_each.h"
#include "fusion/fusion_fold.h"
#include "fusion/fusion_graph.h"
#include "program/compose.h"

namespace lineshaft {
namespace {

// How `second` hangs on `first` if both become one map; false if they may not.
struct Merge {
  explicit Merge(std::pmr::memory_resource* memory)
      : wires(memory), replaced(memory), new_inputs(memory), new_outputs(memory) {}
  std::pmr::vector<Wire> wires;
  std::pmr::vector<uint8_t> replaced;
  ViewVector new_inputs, new_outputs;

  bool plan(const Node& first, const Node& second, const FusionLimits& limits) {
    ViewsIn space(second, first.outputs[0].shape());
    if (!space.valid) return false;
    for (const TensorView& view : space.inputs())
      if (!wire(first, view)) return false;
    for (const TensorView& view : space.outputs())
      if (!store(first, view)) return false;
    size_t inputs = first.inputs.size() + new_inputs.size(), outputs = first.outputs.size() + new_outputs.size();
    size_t code = first.map.program->code.size() + second.map.program->code.size() + wires.size();
    return inputs + outputs <= static_cast<size_t>(limits.max_views) &&
           code <= static_cast<size_t>(limits.max_instructions) &&
           first.args.size() + second.args.size() <= Program::kMaxOperands;
  }

 private:
  bool wire(const Node& first, const TensorView& view) {
    if (int k = find_view(first.outputs, view); k >= 0) {
      wires.push_back({Wire::kFirstOutput, static_cast<uint8_t>(k)});
      return true;
    }
    for (const TensorView& output : first.outputs)
      if (overlap(output, view) != Overlap::kDisjoint) return false;
    if (int k = find_view(first.inputs, view); k >= 0) {
      wires.push_back({Wire::kFirstInput, static_cast<uint8_t>(k)});
      return true;
    }
    int k = find_view(new_inputs, view);
    if (k < 0) {
      k = static_cast<int>(new_inputs.size());
      new_inputs.push_back(view);
    }
    wires.push_back({Wire::kNewInput, static_cast<uint8_t>(k)});
    return true;
  }

  bool store(const Node& first, const TensorView& view) {
    for (const TensorView& input : first.inputs)
      if (overlap(input, view) == Overlap::kPartial) return false;
    for (const TensorView& input : new_inputs)
      if (overlap(input, view) == Overlap::kPartial) return false;
    for (const TensorView& output : first.outputs)
      if (overlap(output, view) == Overlap::kPartial) return false;
    int k = find_view(first.outputs, view);
    replaced.push_back(k < 0 ? kNotReplaced : static_cast<uint8_t>(k));
    if (k < 0) new_outputs.push_back(view);
    return true;
  }
};

// Node `second` becomes part of node `first`, at the place of one of both.
void apply(FusionGraph& graph, size_t first, size_t second, size_t place, const Merge& merge) {
  Node &to = graph.nodes()[first], &from = graph.nodes()[second];
  to.map.program = compose(to.map.program, from.map.program, merge.wires, merge.replaced);
  to.inputs.insert(to.inputs.end(), merge.new_inputs.begin(), merge.new_inputs.end());
  to.outputs.insert(to.outputs.end(), merge.new_outputs.begin(), merge.new_outputs.end());
  to.args.insert(to.args.end(), from.args.begin(), from.args.end());
  to.command.label = from.command.label;
  graph.drop(second);
  if (place != first) graph.move(first, place);
  graph.refresh_accesses(place);
}

// Merges map `at` with one before it, here or there, whichever place is free to take both.
bool merge_map(FusionGraph& graph, size_t at, const FusionLimits& limits) {
  const auto& nodes = graph.nodes();
  size_t highest = graph.highest_place(at);
  size_t seen = 0;
  for (size_t i = at; i-- > 0 && seen < kFusionLookBack;) {
    if (!nodes[i].live) continue;
    ++seen;
    if (!nodes[i].is_map) continue;
    bool up = highest <= i;
    if (!up && !graph.may_move_down(i, at)) continue;
    Merge merge(graph.memory());
    if (!merge.plan(nodes[i], nodes[at], limits)) continue;
    apply(graph, i, at, up ? i : at, merge);
    return true;
  }
  return false;
}

// Takes away stores that nobody sees: the buffer ends in this window and nothing after reads it.
void drop_dead_stores(FusionGraph& graph) {
  auto& nodes = graph.nodes();
  for (size_t i = nodes.size(); i-- > 0;) {
    Node& node = nodes[i];
    if (!node.live || !node.is_map) continue;
    uint64_t kept = 0;
    ViewVector outputs(graph.memory());
    for (size_t k = 0; k < node.outputs.size(); ++k) {
      BufferId buffer = node.outputs[k].buffer;
      if (graph.released(buffer) && graph.unread_after(buffer, i, i)) continue;
      kept |= uint64_t{1} << k;
      outputs.push_back(node.outputs[k]);
    }
    if (outputs.size() == node.outputs.size()) continue;
    if (outputs.empty()) {
      graph.drop(i);
      continue;
    }
    node.map.program = keep_outputs(node.map.program, kept);
    node.outputs = std::move(outputs);
    graph.refresh_accesses(i);
  }
}

}  // namespace

void fuse(CommandList& list, const FusionLimits& limits) {
  FusionGraph graph(list, limits.f64);
  auto& nodes = graph.nodes();
  for (size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].is_map && nodes[i].outputs[0].numel() > 0) merge_map(graph, i, limits);
  drop_dead_stores(graph);
  merge_each(graph, limits);
  fold_epilogues(graph, list, limits);
  fold_prologues(graph, list, limits);
  graph.emit();
}

}  // namespace lineshaft
