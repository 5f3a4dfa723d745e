#include "stream/capture.h"

#include <algorithm>
#include <random>
#include <unordered_map>

#include "lineshaft/fusion/fusion.h"
#include "stream/plan.h"

namespace lineshaft {
namespace {

constexpr size_t kMostBytes = size_t{16} << 20;  // of a graph: it travels in one frame

// Where a buffer that begins and ends inside a capture lies in the graph's own memory.
struct Inside {
  BufferId buffer;
  int64_t offset;
};
using Moves = std::unordered_map<uint64_t, Inside>;

// Moves an operation's views; the operation and its lists are the caller's to change.
struct MoveViews : NoVisit {
  const Moves& moves;
  explicit MoveViews(const Moves& moves) : moves(moves) {}
  void move(const TensorView& view) {
    auto found = moves.find(view.buffer.value);
    if (found == moves.end()) return;
    auto& mine = const_cast<TensorView&>(view);
    mine.buffer = found->second.buffer;
    mine.offset += found->second.offset;
  }
  void move(const List<TensorView>& views) {
    for (const TensorView& view : views) move(view);
  }
  template <class T>
  void input(const char*, T& field) {
    move(field);
  }
  template <class T>
  void output(const char*, T& field) {
    move(field);
  }
  template <class T>
  void inout(const char*, T& field) {
    move(field);
  }
};

// A list's operations and uploads, copied, with their views moved.
std::unique_ptr<CommandList> moved(const CommandList& list, const Moves& moves) {
  auto result = std::make_unique<CommandList>();
  for (Command command : list.commands) {
    if (command.kind == CommandKind::kOperation) {
      visit_operation(command.op_kind, command.op, [&](const auto& op) {
        auto* copy = result->place(op);
        std::decay_t<decltype(op)>::fields(*copy, MoveViews(moves));
        command.op = copy;
      });
    } else if (command.kind == CommandKind::kUpload) {
      command.data = result->arena.copy(command.data, static_cast<size_t>(command.size));
      if (auto found = moves.find(command.buffer.value); found != moves.end()) {
        command.buffer = found->second.buffer;
        command.offset += found->second.offset;
      }
    } else {
      continue;
    }
    result->commands.push_back(command);
  }
  return result;
}

// The buffers that begin and end in the list, with their lives over its commands.
struct Inner {
  std::vector<BufferId> buffers;
  std::vector<Lifetime> lives;
};

Inner inner_buffers(const CommandList& list) {
  std::unordered_map<uint64_t, int64_t> sizes;
  std::unordered_map<uint64_t, size_t> numbers;
  Inner inner;
  for (const Command& command : list.commands)
    if (command.kind == CommandKind::kRelease) sizes[command.buffer.value] = command.size;
  auto touch = [&](BufferId buffer, size_t step) {
    auto size = sizes.find(buffer.value);
    if (size == sizes.end()) return;
    auto [found, fresh] = numbers.try_emplace(buffer.value, inner.buffers.size());
    if (fresh) {
      inner.buffers.push_back(buffer);
      inner.lives.push_back({size->second, step, step});
    }
    inner.lives[found->second].last = step;
  };
  for (size_t step = 0; step < list.commands.size(); ++step) {
    const Command& command = list.commands[step];
    if (command.kind == CommandKind::kUpload) touch(command.buffer, step);
    if (command.kind == CommandKind::kOperation)
      for_each_view(command, [&](const TensorView& view, bool, bool) { touch(view.buffer, step); });
  }
  return inner;
}

}  // namespace

Capture::Capture(const StreamOptions& options, CommandWindow& window, StreamBuffers& buffers)
    : options_(options), window_(window), buffers_(buffers) {
  window_.captured = true;
}

void Capture::release(BufferId buffer) {
  if (!created_.contains(buffer.value)) {
    buffers_.keep(buffer);
    released_.push_back(buffer);
  }
  buffers_.release(buffer);
}

GraphParameter Capture::new_parameter(uint64_t count) {
  std::random_device random;
  for (;;) {
    GraphParameter fresh{uint64_t{random()} << 32 | random(), count};
    bool wraps = fresh.first + count < fresh.first;
    bool taken = std::ranges::any_of(parameters_, [&](const GraphParameter& other) {
      return fresh.first < other.first + other.count && other.first < fresh.first + count;
    });
    if (wraps || taken) continue;
    return parameters_.emplace_back(fresh);
  }
}

// What began and goes on after the capture begins before the graph.
CommandList Capture::take_window() {
  CommandList list;
  std::swap(list, window_.list);
  window_.captured = false;
  buffers_.window_closed();
  std::unordered_set<uint64_t> ended;
  for (const Command& command : list.commands)
    if (command.kind == CommandKind::kRelease) ended.insert(command.buffer.value);
  std::erase_if(list.commands, [&](const Command& command) {
    if (command.kind != CommandKind::kCreate || ended.contains(command.buffer.value)) return false;
    window_.list.commands.push_back(command);
    return true;
  });
  return list;
}

std::shared_ptr<Graph> Capture::finish(std::vector<GraphParameter> parameters,
                                       const std::function<BufferId(int64_t)>& create) {
  CommandList list = take_window();
  std::vector<BufferId> memory;
  try {
    if (options_.fusion) fuse(list, options_.limits);
    Inner inner = inner_buffers(list);
    MemoryPlan plan = plan_memory(inner.lives);
    for (int64_t bytes : plan.chunks) memory.push_back(create(bytes));
    Moves moves;
    for (size_t i = 0; i < inner.buffers.size(); ++i)
      moves[inner.buffers[i].value] = {memory[plan.places[i].chunk], plan.places[i].offset};
    auto graph = std::make_shared<Graph>(moved(list, moves), std::move(parameters));
    LS_REQUIRE(graph->bytes() <= kMostBytes, "the graph that is captured on ", options_.name, " holds ", graph->bytes(),
               " bytes of operations and data; the limit is ", kMostBytes,
               "; copy data to the device before the capture, or capture less");
    for (BufferId buffer : graph->buffers()) buffers_.keep(buffer);
    graph->owned = memory;
    return graph;
  } catch (const Error&) {
    for (BufferId buffer : memory) buffers_.release(buffer);
    throw;
  }
}

void Capture::end_released() noexcept {
  for (BufferId buffer : released_) buffers_.let_go(buffer);
  released_.clear();
}

}  // namespace lineshaft
