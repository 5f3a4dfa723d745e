#include "stream/capture.h"

#include <random>
#include <unordered_map>

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

void Stream::require_no_capture(const char* what) const {
  LS_REQUIRE(!capture_, what, " while a graph is captured on ", options_.name,
             ": nothing of it has run; do this after the capture, or leave it out of what is captured");
}

void Stream::begin_capture() {
  std::lock_guard lock(mutex_);
  LS_REQUIRE(!capture_, "a graph is being captured on ", options_.name, " already; end that capture first");
  if (error_) rethrow();
  close_window();
  capture_ = std::make_unique<Capture>();
}

GraphParameter Stream::new_parameter(uint64_t count) {
  LS_REQUIRE(count > 0 && count <= uint64_t{1} << 48, "a parameter of ", count,
             " placeholders is asked for; 1 to 2^48 are given");
  std::lock_guard lock(mutex_);
  LS_REQUIRE(capture_, "no graph is being captured on ", options_.name, "; begin a capture first");
  std::random_device random;
  for (;;) {
    GraphParameter fresh{uint64_t{random()} << 32 | random(), count};
    bool wraps = fresh.first + count < fresh.first;
    bool taken = std::ranges::any_of(capture_->parameters, [&](const GraphParameter& other) {
      return fresh.first < other.first + other.count && other.first < fresh.first + count;
    });
    if (wraps || taken) continue;
    return capture_->parameters.emplace_back(fresh);
  }
}

bool Stream::capturing() {
  std::lock_guard lock(mutex_);
  return capture_ != nullptr;
}

std::shared_ptr<Graph> Stream::end_capture(std::vector<GraphParameter> parameters) {
  std::unique_lock lock(mutex_);
  LS_REQUIRE(capture_, "no graph is being captured on ", options_.name, "; begin a capture first");
  CommandList list;
  std::swap(list, window_);
  std::unique_ptr<Capture> capture = std::move(capture_);
  free_slots_.insert(free_slots_.end(), released_slots_.begin(), released_slots_.end());
  released_slots_.clear();
  // What began and goes on after the capture begins before the graph.
  std::unordered_set<uint64_t> ended;
  for (const Command& command : list.commands)
    if (command.kind == CommandKind::kRelease) ended.insert(command.buffer.value);
  std::erase_if(list.commands, [&](const Command& command) {
    if (command.kind != CommandKind::kCreate || ended.contains(command.buffer.value)) return false;
    window_.commands.push_back(command);
    return true;
  });
  std::shared_ptr<Graph> graph;
  std::vector<BufferId> memory;
  std::optional<Error> error;
  try {
    if (options_.fusion) fuse(list, options_.limits);
    Inner inner = inner_buffers(list);
    MemoryPlan plan = plan_memory(inner.lives);
    for (int64_t bytes : plan.chunks) memory.push_back(create(lock, bytes));
    Moves moves;
    for (size_t i = 0; i < inner.buffers.size(); ++i)
      moves[inner.buffers[i].value] = {memory[plan.places[i].chunk], plan.places[i].offset};
    auto kept = std::make_shared<Graph>(moved(list, moves), std::move(parameters));
    LS_REQUIRE(kept->bytes() <= kMostBytes, "the graph that is captured on ", options_.name, " holds ", kept->bytes(),
               " bytes of operations and data; the limit is ", kMostBytes,
               "; copy data to the device before the capture, or capture less");
    graph = std::move(kept);
    for (BufferId buffer : graph->buffers()) ++slots_[buffer.slot()].graphs;
    graph->owned = memory;
  } catch (const Error& thrown) {
    error = thrown;
  }
  if (!graph)
    for (BufferId buffer : memory) end(buffer);
  for (BufferId buffer : capture->released)
    if (slots_[buffer.slot()].graphs == 0) end(buffer);
  for (const GraphRef& other : capture->forgotten) forget_locked(other);
  recorded(lock);
  if (error) throw *error;
  return graph;
}

void Stream::replay(const GraphRef& graph, std::span<const uint64_t> values) {
  LS_REQUIRE(values.size() == graph->parameters().size(), "a graph with ", graph->parameters().size(),
             " parameters is run with ", values.size(), " values");
  std::unique_lock lock(mutex_);
  require_no_capture("a graph cannot run");
  if (error_) rethrow();
  close_window();
  add_replay(window_, graph, values, ++next_id_);
  close_window();
  throttle(lock);
}

void Stream::forget(const GraphRef& graph) noexcept {
  std::unique_lock lock(mutex_);
  if (capture_) return capture_->forgotten.push_back(graph);
  forget_locked(graph);
  recorded(lock, Pause::kNever);
}

void Stream::forget_locked(const GraphRef& graph) noexcept {
  close_window();
  add_forget(window_, graph, ++next_id_);
  for (BufferId buffer : graph->buffers()) {
    Slot& slot = slots_[buffer.slot()];
    if (--slot.graphs == 0 && slot.released) end(buffer);
  }
  for (BufferId buffer : graph->owned)
    if (slots_[buffer.slot()].generation == buffer.generation()) end(buffer);
}

}  // namespace lineshaft
