// The window as fusion sees it: nodes in order, what each touches, and which buffers begin and end in the window.
#pragma once

#include <memory_resource>
#include <vector>

#include "lineshaft/base/inline_vector.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// Lists that live as long as the graph, in its memory: they are made by the thousand and freed at once.
using ViewVector = std::pmr::vector<TensorView>;
using ScalarVector = std::pmr::vector<Scalar>;
template <class T>
List<T> list_of(const std::pmr::vector<T>& values) {
  return {values.data(), values.size()};
}

struct Access {
  const TensorView* view = nullptr;  // of the node's operands; null where only `whole` counts
  ByteRange range;
  uint32_t buffer = 0;  // the graph's number of it
  bool read = false;
  bool written = false;
  bool whole = false;  // anywhere in the buffer: an upload, or the base of a gather or scatter
};

struct Node {
  explicit Node(std::pmr::memory_resource* memory) : inputs(memory), outputs(memory), args(memory), accesses(memory) {}

  Command command;
  bool live = true;
  bool is_map = false;
  bool alone = false;    // not to be merged with anything
  bool is_each = false;  // a map_each: the vectors below hold its groups one after another
  Map map;               // a map's own form while it grows; its lists point into the vectors below
  ViewVector inputs, outputs;
  ScalarVector args;
  std::pmr::vector<Access> accesses;
  mutable size_t lowest = 0;            // what lowest_place found
  mutable uint64_t lowest_version = 0;  // of the graph, then
};

inline constexpr size_t kFusionLookBack = 12;  // nodes that a map looks back for a partner

class FusionGraph {
 public:
  // `f64`: see FusionLimits.
  FusionGraph(CommandList& list, bool f64);
  FusionGraph(const FusionGraph&) = delete;
  FusionGraph& operator=(const FusionGraph&) = delete;

  std::pmr::vector<Node>& nodes() { return nodes_; }
  const std::pmr::vector<Node>& nodes() const { return nodes_; }
  // For lists that live no longer than the graph.
  std::pmr::memory_resource* memory() const { return &memory_; }

  // Whether the node touches what `view` covers.
  bool touches(const Node& node, const TensorView& view) const;
  bool released(BufferId buffer) const;
  // No live node after `from`, but `except`, reads any of the buffer.
  bool unread_after(BufferId buffer, size_t from, size_t except) const;
  // The nearest node before `at` that node `at` must come after, else 0: it may move up to there.
  size_t highest_place(size_t at) const;
  // The nearest node after `at` that node `at` must come before, else the number of nodes: it may move down to there.
  size_t lowest_place(size_t at) const;
  // Nodes strictly between leave what the node reads and writes alone.
  bool may_move_up(size_t at, size_t to) const { return highest_place(at) <= to; }
  bool may_move_down(size_t at, size_t to) const { return lowest_place(at) >= to; }

  // Node `from` takes the place `to` of a node that is dead.
  void move(size_t from, size_t to);
  // Ends a node: nothing of it runs.
  void drop(size_t at);
  // After a change of the node's operands.
  void refresh_accesses(size_t at);

  // Writes the nodes back: creations first, each release after its buffer's last use, buffers that nothing touches any
  // more left out.
  void emit();

 private:
  using Places = InlineVector<uint32_t, 4>;
  struct BufferState {
    BufferId id;
    const Command* create = nullptr;   // in the list, as it was recorded
    const Command* release = nullptr;  // likewise
    // Places in ascending order. A node that has changed since may be among them without touching the buffer.
    Places readers, writers;
  };
  static constexpr uint32_t kNone = ~uint32_t{0};

  size_t hash_place(BufferId buffer) const;
  uint32_t number_of(BufferId buffer);          // given when first asked for
  uint32_t find_number(BufferId buffer) const;  // kNone: the window does not mention it
  void add_operation(const Command& command);
  size_t find_lowest_place(size_t at) const;
  static void insert(Places& places, uint32_t place);
  bool conflicts_at(const Access& access, size_t place) const;

  CommandList& list_;
  mutable std::pmr::monotonic_buffer_resource memory_;
  std::pmr::vector<Node> nodes_;
  std::pmr::vector<BufferState> buffers_;
  std::pmr::vector<uint32_t> numbers_;   // a hash table by open addressing: numbers of buffers, kNone where free
  std::pmr::vector<uint32_t> order_;     // buffers by the first mention among creations and releases
  std::pmr::vector<uint32_t> barriers_;  // places that nothing crosses
  uint64_t version_ = 1;                 // grows with each change of what nodes touch
};

// A map's views under the sizes of another iteration space with as many elements, where strides can say so.
class ViewsIn {
 public:
  ViewsIn(const Node& node, std::span<const int64_t> sizes);
  bool valid = true;
  const ViewVector& inputs() const { return as_they_are_ ? node_.inputs : inputs_; }
  const ViewVector& outputs() const { return as_they_are_ ? node_.outputs : outputs_; }

 private:
  const Node& node_;
  bool as_they_are_ = true;
  ViewVector inputs_, outputs_;
};

int find_view(std::span<const TensorView> views,
              const TensorView& view);  // -1: not there. Strides of axes of size 1 do not count.

// Whether some view is of the buffer.
bool mentions(std::span<const TensorView> views, BufferId buffer);

// Do two accesses of one buffer depend on each other?
bool conflicts(const Access& a, const Access& b);

}  // namespace lineshaft
