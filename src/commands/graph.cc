#include "lineshaft/commands/graph.h"

#include <atomic>
#include <unordered_set>

#include "commands/work.h"

namespace lineshaft {
namespace {

std::atomic<uint64_t> next_number{1};

// Calls f(scalar) for each scalar of an operation that a parameter may stand for: arguments of programs, and fields
// that have this role, such as the seeds and offsets of what draws.
template <class F>
struct ScalarVisitor : NoVisit {
  F& f;
  explicit ScalarVisitor(F& f) : f(f) {}
  using NoVisit::param;
  void param(const char*, const List<Scalar>& scalars) {
    // The lists lie in the arena of a copy that is being changed, or are only read.
    for (size_t i = 0; i < scalars.size(); ++i) f(const_cast<Scalar&>(scalars[i]).bits);
  }
  void argument(const char*, const int64_t& number) { f(reinterpret_cast<uint64_t&>(const_cast<int64_t&>(number))); }
};

template <class Op, class F>
void for_each_scalar(const Op& op, F&& f) {
  Op::fields(op, ScalarVisitor<F>(f));
}

const Replay& replay_of(const Command& command) {
  return *static_cast<const Replay*>(command.op);
}

void add(CommandList& list, CommandKind kind, const GraphRef& graph, std::span<const uint64_t> values, uint64_t id) {
  Replay replay{graph.get(), {list.arena.copy(values.data(), values.size()), values.size()}};
  list.owned.push_back(std::const_pointer_cast<Graph>(graph));
  list.commands.push_back({.kind = kind, .id = id, .op = list.arena.copy(&replay, 1)});
}

}  // namespace

double Graph::units() const {
  double units = units_;
  if (units >= 0) return units;
  units = 0;
  for (const Command& command : list_->commands) units += work_of(command).units;
  return units_ = units;
}

Graph::Graph(std::unique_ptr<const CommandList> list, std::vector<GraphParameter> parameters)
    : list_(std::move(list)), parameters_(std::move(parameters)), number_(next_number++) {
  std::unordered_set<uint64_t> seen;
  auto name = [&](BufferId buffer) {
    if (seen.insert(buffer.value).second) buffers_.push_back(buffer);
  };
  for (uint32_t i = 0; i < list_->commands.size(); ++i) {
    const Command& command = list_->commands[i];
    LS_REQUIRE(command.kind == CommandKind::kOperation || command.kind == CommandKind::kUpload,
               "a graph holds operations and uploads; command ", i, " is neither");
    if (command.kind == CommandKind::kUpload) {
      name(command.buffer);
      continue;
    }
    for_each_view(command, [&](const TensorView& view, bool, bool) { name(view.buffer); });
    if (parameters_.empty()) continue;
    visit_operation(command.op_kind, command.op, [&](const auto& op) {
      uint32_t place = 0;
      for_each_scalar(op, [&](const uint64_t& bits) {
        for (uint32_t p = 0; p < parameters_.size(); ++p)
          if (bits - parameters_[p].first < parameters_[p].count) {
            patches_.push_back({i, place, p, bits - parameters_[p].first});
            break;
          }
        ++place;
      });
    });
  }
}

void Graph::expand(std::span<const uint64_t> values, CommandList& list) const {
  LS_REQUIRE(values.size() == parameters_.size(), "a graph with ", parameters_.size(), " parameters is run with ",
             values.size(), " values");
  size_t start = list.commands.size();
  list.commands.insert(list.commands.end(), list_->commands.begin(), list_->commands.end());
  for (size_t next = 0; next < patches_.size();) {
    uint32_t at = patches_[next].command;
    Command& command = list.commands[start + at];
    visit_operation(command.op_kind, command.op, [&](const auto& op) {
      auto* copy = list.place(op);
      command.op = copy;
      uint32_t place = 0;
      for_each_scalar(*copy, [&](uint64_t& bits) {
        if (next < patches_.size() && patches_[next].command == at && patches_[next].place == place) {
          bits = values[patches_[next].parameter] + patches_[next].delta;
          ++next;
        }
        ++place;
      });
    });
  }
}

void add_replay(CommandList& list, const GraphRef& graph, std::span<const uint64_t> values, uint64_t id) {
  add(list, CommandKind::kReplay, graph, values, id);
}

void add_forget(CommandList& list, const GraphRef& graph, uint64_t id) {
  add(list, CommandKind::kForget, graph, {}, id);
}

void expand_graphs(CommandList& list) {
  std::vector<Command> commands = std::move(list.commands);
  list.commands.clear();
  for (const Command& command : commands) {
    if (command.kind == CommandKind::kReplay)
      replay_of(command).graph->expand({replay_of(command).values.data, replay_of(command).values.size()}, list);
    else if (command.kind != CommandKind::kForget)
      list.commands.push_back(command);
  }
}

}  // namespace lineshaft
