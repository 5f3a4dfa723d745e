#include "stream/fusion_graph.h"

#include <algorithm>

namespace lineshaft {
namespace {

bool reaches_anywhere(const Command& command, const TensorView& view) {
  if (command.op_kind == OpKind::kGather) return view == static_cast<const Gather*>(command.op)->input;
  if (command.op_kind == OpKind::kScatter) return view == static_cast<const Scatter*>(command.op)->target;
  return false;
}

bool computes_in_f64(ProgramRef program) {
  return program && std::ranges::any_of(program->code, [](const Instruction& in) { return in.type == DType::kF64; });
}

bool touches_f64(const Node& node) {
  if (std::ranges::any_of(node.accesses, [](const Access& access) { return access.view.dtype == DType::kF64; }))
    return true;
  if (node.command.kind != CommandKind::kOperation) return false;
  return visit_operation(node.command.op_kind, node.command.op, [](const auto& op) {
    bool found = false;
    if constexpr (requires { op.program; }) found |= computes_in_f64(op.program);
    if constexpr (requires { op.prologue; }) found |= computes_in_f64(op.prologue);
    if constexpr (requires { op.epilogue.program; }) found |= computes_in_f64(op.epilogue.program);
    return found;
  });
}

bool is_barrier(const Node& node) {
  CommandKind kind = node.command.kind;
  return kind == CommandKind::kEvent || kind == CommandKind::kReplay || kind == CommandKind::kForget;
}

}  // namespace

bool conflicts(const Access& a, const Access& b) {
  if (a.view.buffer != b.view.buffer || !(a.written || b.written)) return false;
  if (a.whole || b.whole) return true;
  if (a.range.end <= b.range.begin || b.range.end <= a.range.begin) return false;
  return overlap(a.view, b.view) != Overlap::kDisjoint;
}

ViewsIn::ViewsIn(const Node& node, std::span<const int64_t> sizes) : node_(node) {
  if (std::ranges::equal(node.outputs[0].shape(), sizes)) return;
  as_they_are_ = false;
  valid = !node.map.program->uses_index;
  for (const TensorView& view : node.inputs) {
    if (!valid) return;
    auto moved = reshaped(view, sizes);
    valid = moved.has_value();
    if (moved) inputs_.push_back(*moved);
  }
  for (const TensorView& view : node.outputs) {
    if (!valid) return;
    auto moved = reshaped(view, sizes);
    valid = moved.has_value();
    if (moved) outputs_.push_back(*moved);
  }
}

int find_view(const std::vector<TensorView>& views, const TensorView& view) {
  for (size_t i = 0; i < views.size(); ++i)
    if (views[i] == view) return static_cast<int>(i);
  return -1;
}

FusionGraph::FusionGraph(CommandList& list, bool f64) : list_(list) {
  nodes_.reserve(list.commands.size());
  for (const Command& command : list.commands) {
    if (command.kind == CommandKind::kCreate || command.kind == CommandKind::kRelease) {
      auto [found, fresh] = buffers_.try_emplace(command.buffer.value);
      if (fresh) order_.push_back(command.buffer.value);
      bool create = command.kind == CommandKind::kCreate;
      (create ? found->second.created : found->second.released) = true;
      (create ? found->second.create : found->second.release) = command;
      continue;
    }
    Node& node = nodes_.emplace_back();
    node.command = command;
    if (command.kind == CommandKind::kOperation && command.op_kind == OpKind::kMap) {
      node.is_map = true;
      node.map = *static_cast<const Map*>(command.op);
      node.inputs.assign(node.map.inputs.begin(), node.map.inputs.end());
      node.outputs.assign(node.map.outputs.begin(), node.map.outputs.end());
      node.args.assign(node.map.args.begin(), node.map.args.end());
    } else if (command.kind == CommandKind::kOperation && command.op_kind == OpKind::kMapEach) {
      const auto& each = *static_cast<const MapEach*>(command.op);
      node.is_each = true;
      node.map.program = each.program;
      node.inputs.assign(each.inputs.begin(), each.inputs.end());
      node.outputs.assign(each.outputs.begin(), each.outputs.end());
      node.args.assign(each.args.begin(), each.args.end());
    }
    refresh_accesses(node);
    node.alone = !f64 && touches_f64(node);
    if (node.alone) node.is_map = node.is_each = false;
  }
}

void FusionGraph::refresh_accesses(Node& node) {
  node.accesses.clear();
  auto add = [&](const TensorView& view, bool read, bool written) {
    node.accesses.push_back({view, byte_range(view), read, written, reaches_anywhere(node.command, view)});
  };
  if (node.is_map || node.is_each) {
    for (const TensorView& view : node.inputs) add(view, true, false);
    for (const TensorView& view : node.outputs) add(view, false, true);
  } else if (node.command.kind == CommandKind::kOperation) {
    for_each_view(node.command, add);
  } else if (node.command.kind == CommandKind::kUpload) {
    TensorView view;
    view.buffer = node.command.buffer;
    node.accesses.push_back({view, {}, false, true, true});
  }
}

bool FusionGraph::unread_after(BufferId buffer, size_t from, size_t except) const {
  for (size_t i = from + 1; i < nodes_.size(); ++i) {
    if (!nodes_[i].live || i == except) continue;
    for (const Access& access : nodes_[i].accesses)
      if (access.read && access.view.buffer == buffer) return false;
  }
  return true;
}

bool FusionGraph::may_cross(const Node& node, size_t low, size_t high) const {
  for (size_t i = low + 1; i < high; ++i) {
    if (!nodes_[i].live) continue;
    if (is_barrier(nodes_[i])) return false;
    for (const Access& mine : node.accesses)
      for (const Access& other : nodes_[i].accesses)
        if (conflicts(mine, other)) return false;
  }
  return true;
}

void FusionGraph::emit() {
  struct Uses {
    size_t first, last;
  };
  std::unordered_map<uint64_t, Uses> uses;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].live) continue;
    for (const Access& access : nodes_[i].accesses)
      uses.try_emplace(access.view.buffer.value, Uses{i, i}).first->second.last = i;
  }
  // A buffer lives from its first use to its last: a guest may have no memory for all of a window's at once.
  std::vector<std::vector<const Command*>> beginning(nodes_.size()), ending(nodes_.size());
  std::vector<const Command*> unused;
  std::vector<Command> commands;
  commands.reserve(list_.commands.size());
  for (uint64_t id : order_) {
    const BufferState& state = buffers_.at(id);
    auto used = uses.find(id);
    if (used == uses.end()) {
      if (state.created && !state.released) unused.push_back(&state.create);
      if (!state.created && state.released) commands.push_back(state.release);
      continue;
    }
    if (state.created) beginning[used->second.first].push_back(&state.create);
    if (state.released) ending[used->second.last].push_back(&state.release);
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    for (const Command* create : beginning[i]) commands.push_back(*create);
    if (node.live) {
      if (node.is_map) {
        node.map.inputs = node.inputs;
        node.map.outputs = node.outputs;
        node.map.args = node.args;
        node.command.op = list_.place(node.map);
      } else if (node.is_each) {
        node.command.op = list_.place(MapEach{node.map.program, node.inputs, node.outputs, node.args});
      }
      commands.push_back(node.command);
    }
    for (const Command* release : ending[i]) commands.push_back(*release);
  }
  for (const Command* create : unused) commands.push_back(*create);
  list_.commands = std::move(commands);
}

}  // namespace lineshaft
