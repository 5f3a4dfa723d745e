#include "fusion/fusion_graph.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

namespace lineshaft {
namespace {

bool computes_in_f64(ProgramRef program) {
  return program && std::ranges::any_of(program->code, [](const Instruction& in) { return in.type == DType::kF64; });
}

// Memory of the thread's for what a window's nodes, their views and accesses take, as a rule: the same for each window,
// so that it stays in the cache. More is asked for where it does not suffice. It may be the thread's as fusing is a
// pure function: nothing that lies here is read by the next window.
constexpr size_t kScratch = 768 * 1024;
std::byte* scratch() {
  static thread_local std::unique_ptr<std::byte[]> bytes(new std::byte[kScratch]);
  return bytes.get();
}

bool touches_f64(const Node& node) {
  if (std::ranges::any_of(node.accesses,
                          [](const Access& access) { return access.view && access.view->dtype == DType::kF64; }))
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
  if (a.buffer != b.buffer || !(a.written || b.written)) return false;
  if (a.whole || b.whole) return true;
  if (a.range.end <= b.range.begin || b.range.end <= a.range.begin) return false;
  return overlap(*a.view, *b.view) != Overlap::kDisjoint;
}

ViewsIn::ViewsIn(const Node& node, std::span<const int64_t> sizes)
    : node_(node), inputs_(node.inputs.get_allocator()), outputs_(node.outputs.get_allocator()) {
  if (std::ranges::equal(node.outputs[0].shape(), sizes)) return;
  as_they_are_ = false;
  valid = !node.map.program->uses_index;
  auto move_all = [&](const ViewVector& views, ViewVector& moved) {
    for (const TensorView& view : views) {
      if (!valid) return;
      auto under_sizes = reshaped(view, sizes);
      valid = under_sizes.has_value();
      if (under_sizes) moved.push_back(*under_sizes);
    }
  };
  move_all(node.inputs, inputs_);
  move_all(node.outputs, outputs_);
}

int find_view(std::span<const TensorView> views, const TensorView& view) {
  for (size_t i = 0; i < views.size(); ++i)
    if (overlap(views[i], view) == Overlap::kIdentical) return static_cast<int>(i);
  return -1;
}

bool mentions(std::span<const TensorView> views, BufferId buffer) {
  return std::ranges::any_of(views, [&](const TensorView& view) { return view.buffer == buffer; });
}

FusionGraph::FusionGraph(CommandList& list, bool f64)
    : list_(list),
      memory_(scratch(), kScratch),
      nodes_(&memory_),
      buffers_(&memory_),
      numbers_(std::bit_ceil(list.commands.size() * 4 + 4), kNone, &memory_),
      order_(&memory_),
      barriers_(&memory_) {
  nodes_.reserve(list.commands.size());
  buffers_.reserve(list.commands.size());
  for (const Command& command : list.commands) {
    if (command.kind == CommandKind::kCreate || command.kind == CommandKind::kRelease) {
      uint32_t number = number_of(command.buffer);
      BufferState& state = buffers_[number];
      if (!state.create && !state.release) order_.push_back(number);
      (command.kind == CommandKind::kCreate ? state.create : state.release) = &command;
      continue;
    }
    add_operation(command);
    Node& node = nodes_.back();
    if (is_barrier(node)) barriers_.push_back(static_cast<uint32_t>(nodes_.size() - 1));
    node.alone = !f64 && touches_f64(node);
    if (node.alone) node.is_map = node.is_each = false;
  }
}

void FusionGraph::add_operation(const Command& command) {
  Node& node = nodes_.emplace_back(&memory_);
  node.command = command;
  auto take = [&](const List<TensorView>& inputs, const List<TensorView>& outputs, const List<Scalar>& args) {
    node.inputs.assign(inputs.begin(), inputs.end());
    node.outputs.assign(outputs.begin(), outputs.end());
    node.args.assign(args.begin(), args.end());
  };
  if (command.kind == CommandKind::kOperation && command.op_kind == OpKind::kMap) {
    node.is_map = true;
    node.map = *static_cast<const Map*>(command.op);
    take(node.map.inputs, node.map.outputs, node.map.args);
  } else if (command.kind == CommandKind::kOperation && command.op_kind == OpKind::kMapEach) {
    const auto& each = *static_cast<const MapEach*>(command.op);
    node.is_each = true;
    node.map.program = each.program;
    take(each.inputs, each.outputs, each.args);
  }
  refresh_accesses(nodes_.size() - 1);
}

size_t FusionGraph::hash_place(BufferId buffer) const {
  size_t mask = numbers_.size() - 1;
  size_t place = (buffer.value * 0x9E3779B97F4A7C15) >> 32 & mask;
  while (numbers_[place] != kNone && !(buffers_[numbers_[place]].id == buffer)) place = (place + 1) & mask;
  return place;
}

uint32_t FusionGraph::find_number(BufferId buffer) const {
  return numbers_[hash_place(buffer)];
}

uint32_t FusionGraph::number_of(BufferId buffer) {
  size_t place = hash_place(buffer);
  if (numbers_[place] != kNone) return numbers_[place];
  auto number = static_cast<uint32_t>(buffers_.size());
  buffers_.push_back({.id = buffer});
  if (buffers_.size() * 2 <= numbers_.size()) return numbers_[place] = number;
  std::pmr::vector<uint32_t> larger(numbers_.size() * 2, kNone, &memory_);
  numbers_.swap(larger);
  for (uint32_t i = 0; i <= number; ++i) numbers_[hash_place(buffers_[i].id)] = i;
  return number;
}

void FusionGraph::refresh_accesses(size_t at) {
  Node& node = nodes_[at];
  ++version_;
  node.accesses.clear();
  auto place = static_cast<uint32_t>(at);
  auto add = [&](const TensorView& view, bool read, bool written, bool whole) {
    uint32_t number = number_of(view.buffer);
    node.accesses.push_back({&view, byte_range(view), number, read, written, whole});
    if (read) insert(buffers_[number].readers, place);
    if (written) insert(buffers_[number].writers, place);
  };
  if (node.is_map || node.is_each) {
    node.accesses.reserve(node.inputs.size() + node.outputs.size());
    for (const TensorView& view : node.inputs) add(view, true, false, false);
    for (const TensorView& view : node.outputs) add(view, false, true, false);
  } else if (node.command.kind == CommandKind::kOperation) {
    node.accesses.reserve(4);
    for_each_touch(node.command, [&](const TensorView& view, const Touch& touch) {
      add(view, touch.read, touch.written, touch.anywhere());
    });
  } else if (node.command.kind == CommandKind::kUpload) {
    uint32_t number = number_of(node.command.buffer);
    node.accesses.push_back({.buffer = number, .written = true, .whole = true});
    insert(buffers_[number].writers, place);
  }
}

void FusionGraph::insert(Places& places, uint32_t place) {
  bool last = places.empty() || places.back() < place;
  if (!last && std::ranges::binary_search(places, place)) return;
  places.push_back(place);
  if (!last)
    std::rotate(std::ranges::upper_bound(places.begin(), places.end() - 1, place), places.end() - 1, places.end());
}

void FusionGraph::move(size_t from, size_t to) {
  ++version_;
  std::swap(nodes_[from], nodes_[to]);
  auto place = static_cast<uint32_t>(to);
  for (const Access& access : nodes_[to].accesses) {
    if (access.read) insert(buffers_[access.buffer].readers, place);
    if (access.written) insert(buffers_[access.buffer].writers, place);
  }
}

void FusionGraph::drop(size_t at) {
  ++version_;
  nodes_[at].live = false;
  nodes_[at].accesses.clear();
}

bool FusionGraph::touches(const Node& node, const TensorView& view) const {
  Access access{.view = &view, .range = byte_range(view), .buffer = find_number(view.buffer), .written = true};
  return std::ranges::any_of(node.accesses, [&](const Access& other) { return conflicts(access, other); });
}

bool FusionGraph::released(BufferId buffer) const {
  uint32_t number = find_number(buffer);
  return number != kNone && buffers_[number].release;
}

bool FusionGraph::unread_after(BufferId buffer, size_t from, size_t except) const {
  uint32_t number = find_number(buffer);
  if (number == kNone) return true;
  const auto& readers = buffers_[number].readers;
  for (auto place = std::ranges::upper_bound(readers, static_cast<uint32_t>(from)); place != readers.end(); ++place) {
    if (*place == except || !nodes_[*place].live) continue;
    for (const Access& access : nodes_[*place].accesses)
      if (access.read && access.buffer == number) return false;
  }
  return true;
}

bool FusionGraph::conflicts_at(const Access& access, size_t place) const {
  if (!nodes_[place].live) return false;
  return std::ranges::any_of(nodes_[place].accesses, [&](const Access& other) {
    return other.buffer == access.buffer && conflicts(access, other);
  });
}

size_t FusionGraph::highest_place(size_t at) const {
  size_t highest = 0;
  auto barrier = std::ranges::lower_bound(barriers_, static_cast<uint32_t>(at));
  if (barrier != barriers_.begin()) highest = *std::prev(barrier);
  for (const Access& access : nodes_[at].accesses) {
    auto look = [&](const Places& places) {
      for (auto next = std::ranges::lower_bound(places, static_cast<uint32_t>(at)); next != places.begin();) {
        size_t place = *--next;
        if (place <= highest) return;
        if (conflicts_at(access, place)) highest = place;
      }
    };
    look(buffers_[access.buffer].writers);
    if (access.written) look(buffers_[access.buffer].readers);
  }
  return highest;
}

size_t FusionGraph::lowest_place(size_t at) const {
  const Node& node = nodes_[at];
  if (node.lowest_version != version_) {
    node.lowest = find_lowest_place(at);
    node.lowest_version = version_;
  }
  return node.lowest;
}

size_t FusionGraph::find_lowest_place(size_t at) const {
  size_t lowest = nodes_.size();
  auto barrier = std::ranges::upper_bound(barriers_, static_cast<uint32_t>(at));
  if (barrier != barriers_.end()) lowest = *barrier;
  for (const Access& access : nodes_[at].accesses) {
    auto look = [&](const Places& places) {
      for (auto next = std::ranges::upper_bound(places, static_cast<uint32_t>(at)); next != places.end(); ++next) {
        if (*next >= lowest) return;
        if (conflicts_at(access, *next)) lowest = *next;
      }
    };
    look(buffers_[access.buffer].writers);
    if (access.written) look(buffers_[access.buffer].readers);
  }
  return lowest;
}

void FusionGraph::emit() {
  // A buffer lives from its first use to its last: a guest may have no memory for all of a window's at once. By node, a
  // list of the buffers that begin or end there: its head, and behind each buffer the next one.
  struct Life {
    uint32_t first = kNone, last = kNone, begins_next = kNone, ends_next = kNone;
  };
  std::pmr::vector<Life> lives(buffers_.size(), &memory_);
  std::pmr::vector<uint32_t> begins(nodes_.size(), kNone, &memory_), ends(nodes_.size(), kNone, &memory_);
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].live) continue;
    for (const Access& access : nodes_[i].accesses) {
      Life& life = lives[access.buffer];
      if (life.first == kNone) life.first = i;
      life.last = i;
    }
  }
  static thread_local std::vector<Command> commands;  // as scratch(): the memory of a window before
  commands.clear();
  for (uint32_t number : order_)
    if (const BufferState& state = buffers_[number]; lives[number].first == kNone && !state.create && state.release)
      commands.push_back(*state.release);
  for (size_t i = order_.size(); i-- > 0;) {
    uint32_t number = order_[i];
    Life& life = lives[number];
    if (life.first == kNone) continue;
    if (buffers_[number].create) life.begins_next = std::exchange(begins[life.first], number);
    if (buffers_[number].release) life.ends_next = std::exchange(ends[life.last], number);
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    for (uint32_t number = begins[i]; number != kNone; number = lives[number].begins_next)
      commands.push_back(*buffers_[number].create);
    if (node.live) {
      if (node.is_map) {
        node.map.inputs = list_of(node.inputs);
        node.map.outputs = list_of(node.outputs);
        node.map.args = list_of(node.args);
        node.command.op = list_.place(node.map);
      } else if (node.is_each) {
        node.command.op =
            list_.place(MapEach{node.map.program, list_of(node.inputs), list_of(node.outputs), list_of(node.args)});
      }
      commands.push_back(node.command);
    }
    for (uint32_t number = ends[i]; number != kNone; number = lives[number].ends_next)
      commands.push_back(*buffers_[number].release);
  }
  for (uint32_t number : order_)
    if (const BufferState& state = buffers_[number]; lives[number].first == kNone && state.create && !state.release)
      commands.push_back(*state.create);
  list_.commands.swap(commands);
}

}  // namespace lineshaft
