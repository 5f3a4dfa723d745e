#include "fusion/fusion_each.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "program/compose.h"

namespace lineshaft {
namespace {

constexpr int kSeveral = -1;

size_t groups_of(const Node& node) {
  return node.outputs.size() / node.map.program->outputs.size();
}

std::span<const TensorView> group_inputs(const Node& node, size_t g) {
  size_t count = node.map.program->inputs.size();
  return {node.inputs.data() + g * count, count};
}

std::span<const TensorView> group_outputs(const Node& node, size_t g) {
  size_t count = node.map.program->outputs.size();
  return {node.outputs.data() + g * count, count};
}

// How one group of `second` hangs on the same group of `first`.
struct GroupPlan {
  explicit GroupPlan(std::pmr::memory_resource* memory)
      : wires(memory), replaced(memory), new_inputs(memory), new_outputs(memory) {}
  std::pmr::vector<Wire> wires;
  std::pmr::vector<uint8_t> replaced;
  ViewVector new_inputs, new_outputs;

  bool plan(const Node& first, const Node& second, size_t g) {
    auto inputs = group_inputs(first, g), outputs = group_outputs(first, g);
    if (!same_shape(outputs[0], group_outputs(second, g)[0])) return false;
    for (const TensorView& view : group_inputs(second, g))
      if (!wire(inputs, outputs, view)) return false;
    for (const TensorView& view : group_outputs(second, g))
      if (!store(inputs, outputs, view)) return false;
    return true;
  }

 private:
  bool wire(std::span<const TensorView> inputs, std::span<const TensorView> outputs, const TensorView& view) {
    if (int k = find_view(outputs, view); k >= 0) {
      wires.push_back({Wire::kFirstOutput, static_cast<uint8_t>(k)});
      return true;
    }
    for (const TensorView& output : outputs)
      if (overlap(output, view) != Overlap::kDisjoint) return false;
    if (int k = find_view(inputs, view); k >= 0) {
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

  bool store(std::span<const TensorView> inputs, std::span<const TensorView> outputs, const TensorView& view) {
    for (std::span<const TensorView> views : {inputs, std::span<const TensorView>(new_inputs), outputs})
      for (const TensorView& other : views)
        if (overlap(other, view) == Overlap::kPartial) return false;
    int k = find_view(outputs, view);
    replaced.push_back(k < 0 ? kNotReplaced : static_cast<uint8_t>(k));
    if (k < 0) new_outputs.push_back(view);
    return true;
  }
};

using GroupPlans = std::pmr::vector<GroupPlan>;

bool same_wires(std::span<const Wire> a, std::span<const Wire> b) {
  return std::ranges::equal(a, b,
                            [](const Wire& x, const Wire& y) { return x.source == y.source && x.index == y.index; });
}

// Which group of a node touches a buffer.
using Owners = std::pmr::unordered_map<uint64_t, int>;

void own(Owners& owners, std::span<const TensorView> views, int g) {
  for (const TensorView& view : views) {
    auto [found, fresh] = owners.try_emplace(view.buffer.value, g);
    if (!fresh && found->second != g) found->second = kSeveral;
  }
}

bool foreign(const Owners& owners, std::span<const TensorView> views, int g) {
  return std::ranges::any_of(views, [&](const TensorView& view) {
    auto found = owners.find(view.buffer.value);
    return found != owners.end() && found->second != g;
  });
}

// Groups stay independent: no group of `second` touches what another group of `first` writes, or writes what one reads.
bool independent(const FusionGraph& graph, const Node& first, const Node& second) {
  Owners written(first.outputs.size() * 2, graph.memory()), read(first.inputs.size() * 2, graph.memory());
  size_t groups = groups_of(first);
  for (size_t g = 0; g < groups; ++g) {
    own(written, group_outputs(first, g), static_cast<int>(g));
    own(read, group_inputs(first, g), static_cast<int>(g));
  }
  for (size_t g = 0; g < groups; ++g) {
    int number = static_cast<int>(g);
    if (foreign(written, group_inputs(second, g), number) || foreign(written, group_outputs(second, g), number) ||
        foreign(read, group_outputs(second, g), number))
      return false;
  }
  return true;
}

// Arguments of both, once if both share theirs, else for each group.
std::vector<Scalar> joined_args(const Node& first, const Node& second, size_t groups) {
  size_t a = first.map.program->args.size(), b = second.map.program->args.size();
  bool shared = first.args.size() == a && second.args.size() == b;
  std::vector<Scalar> args;
  for (size_t g = 0; g < (shared ? 1 : groups); ++g) {
    size_t from = first.args.size() == a ? 0 : g * a, then = second.args.size() == b ? 0 : g * b;
    args.insert(args.end(), first.args.begin() + from, first.args.begin() + from + a);
    args.insert(args.end(), second.args.begin() + then, second.args.begin() + then + b);
  }
  return args;
}

void apply(FusionGraph& graph, size_t first_at, size_t second_at, size_t place, const GroupPlans& plans) {
  Node &first = graph.nodes()[first_at], &second = graph.nodes()[second_at];
  ViewVector inputs(graph.memory()), outputs(graph.memory());
  for (size_t g = 0; g < plans.size(); ++g) {
    auto in = group_inputs(first, g), out = group_outputs(first, g);
    inputs.insert(inputs.end(), in.begin(), in.end());
    inputs.insert(inputs.end(), plans[g].new_inputs.begin(), plans[g].new_inputs.end());
    outputs.insert(outputs.end(), out.begin(), out.end());
    outputs.insert(outputs.end(), plans[g].new_outputs.begin(), plans[g].new_outputs.end());
  }
  auto args = joined_args(first, second, plans.size());
  first.args.assign(args.begin(), args.end());
  first.map.program = compose(first.map.program, second.map.program, plans[0].wires, plans[0].replaced);
  first.inputs = std::move(inputs);
  first.outputs = std::move(outputs);
  first.command.label = second.command.label;
  graph.drop(second_at);
  if (place != first_at) graph.move(first_at, place);
  graph.refresh_accesses(place);
}

bool plan_all(const FusionGraph& graph, const Node& first, const Node& second, const FusionLimits& limits,
              GroupPlans& plans) {
  size_t groups = groups_of(first);
  if (groups != groups_of(second)) return false;
  const Program &a = *first.map.program, &b = *second.map.program;
  if (a.uses_index || b.uses_index || a.args.size() + b.args.size() > Program::kMaxOperands) return false;
  if (a.code.size() + b.code.size() + b.inputs.size() > static_cast<size_t>(limits.max_instructions)) return false;
  plans.reserve(groups);
  for (size_t g = 0; g < groups; ++g) {
    plans.emplace_back(graph.memory());
    if (!plans[g].plan(first, second, g)) return false;
    if (g > 0 && (!same_wires(plans[g].wires, plans[0].wires) || plans[g].replaced != plans[0].replaced)) return false;
  }
  size_t views = a.inputs.size() + a.outputs.size() + plans[0].new_inputs.size() + plans[0].new_outputs.size();
  return views <= static_cast<size_t>(limits.max_views) && independent(graph, first, second);
}

bool merge_one(FusionGraph& graph, size_t at, const FusionLimits& limits) {
  const auto& nodes = graph.nodes();
  size_t highest = graph.highest_place(at);
  size_t seen = 0;
  for (size_t i = at; i-- > 0 && seen < kFusionLookBack;) {
    if (!nodes[i].live) continue;
    ++seen;
    if (!nodes[i].is_each) continue;
    bool up = highest <= i;
    if (!up && !graph.may_move_down(i, at)) continue;
    GroupPlans plans(graph.memory());
    if (!plan_all(graph, nodes[i], nodes[at], limits, plans)) continue;
    apply(graph, i, at, up ? i : at, plans);
    return true;
  }
  return false;
}

void drop_dead_outputs(FusionGraph& graph, size_t at) {
  Node& node = graph.nodes()[at];
  size_t count = node.map.program->outputs.size(), groups = groups_of(node);
  uint64_t kept = 0;
  for (size_t k = 0; k < count; ++k) {
    bool dead = true;
    for (size_t g = 0; g < groups && dead; ++g) {
      BufferId buffer = group_outputs(node, g)[k].buffer;
      dead = graph.released(buffer) && graph.unread_after(buffer, at, at);
    }
    if (!dead) kept |= uint64_t{1} << k;
  }
  if (kept == (uint64_t{1} << count) - 1) return;
  if (kept == 0) {
    graph.drop(at);
    return;
  }
  ViewVector outputs(graph.memory());
  for (size_t i = 0; i < node.outputs.size(); ++i)
    if (kept >> (i % count) & 1) outputs.push_back(node.outputs[i]);
  node.map.program = keep_outputs(node.map.program, kept);
  node.outputs = std::move(outputs);
  graph.refresh_accesses(at);
}

}  // namespace

void merge_each(FusionGraph& graph, const FusionLimits& limits) {
  auto& nodes = graph.nodes();
  bool any = false;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].live || !nodes[i].is_each) continue;
    any = true;
    merge_one(graph, i, limits);
  }
  for (size_t i = nodes.size(); any && i-- > 0;)
    if (nodes[i].live && nodes[i].is_each) drop_dead_outputs(graph, i);
}

}  // namespace lineshaft
