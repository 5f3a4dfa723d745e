// The graph of a window for fusion: the commands as nodes in order, what memory each touches, and which buffers are
// created and released in the window.
#pragma once

#include <memory_resource>
#include <vector>

#include "lineshaft/base/inline_vector.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// Lists that are allocated in the graph's memory and freed with it all at once, because there are thousands of them.
using ViewVector = std::pmr::vector<TensorView>;
using ScalarVector = std::pmr::vector<Scalar>;
template <class T>
List<T> list_of(const std::pmr::vector<T>& values) {
  return {values.data(), values.size()};
}

struct Access {
  const TensorView* view = nullptr;  // one of the node's operands; null where `whole` is set
  ByteRange range;
  uint32_t buffer = 0;  // the number of the buffer in the graph
  bool read = false;
  bool written = false;
  bool whole = false;  // may touch any part of the buffer: an upload, or the base of a gather or scatter
};

struct Node {
  explicit Node(std::pmr::memory_resource* memory) : inputs(memory), outputs(memory), args(memory), accesses(memory) {}

  Command command;
  bool live = true;
  bool is_map = false;
  bool alone = false;    // it must not be merged
  bool is_each = false;  // a map_each: the vectors below hold its groups one after another
  Map map;               // the map while others are merged into it; its lists point into the vectors below
  ViewVector inputs, outputs;
  ScalarVector args;
  std::pmr::vector<Access> accesses;
  mutable size_t lowest = 0;            // the last result of lowest_place
  mutable uint64_t lowest_version = 0;  // the graph's version_ at that time
};

inline constexpr size_t kFusionLookBack = 12;  // how many nodes back a map looks for a map to merge with

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

  // Whether the node touches memory of `view`.
  bool touches(const Node& node, const TensorView& view) const;
  bool released(BufferId buffer) const;
  // Whether no live node after `from`, except node `except`, reads any part of the buffer.
  bool unread_after(BufferId buffer, size_t from, size_t except) const;
  // The nearest node before `at` that must run before it; 0 where there is none. Node `at` may move up to there.
  size_t highest_place(size_t at) const;
  // The nearest node after `at` that must run after it; the number of nodes where there is none. Node `at` may move
  // down to there.
  size_t lowest_place(size_t at) const;
  // Whether no node strictly between `at` and `to` conflicts with what node `at` reads and writes.
  bool may_move_up(size_t at, size_t to) const { return highest_place(at) <= to; }
  bool may_move_down(size_t at, size_t to) const { return lowest_place(at) >= to; }

  // Node `from` takes the place `to` of a node that is dead.
  void move(size_t from, size_t to);
  // Removes a node: it does not run.
  void drop(size_t at);
  // To be called after a change of the node's operands.
  void refresh_accesses(size_t at);

  // Writes the nodes back to the list: creations first, each release after the last use of its buffer. Buffers that no
  // node touches any more are left out.
  void emit();

 private:
  using Places = InlineVector<uint32_t, 4>;
  struct BufferState {
    BufferId id;
    const Command* create = nullptr;   // the command in the recorded list, or null
    const Command* release = nullptr;  // likewise
    // Numbers of nodes in ascending order. A node that was changed later may be listed although it does not touch the
    // buffer any more.
    Places readers, writers;
  };
  static constexpr uint32_t kNone = ~uint32_t{0};

  size_t hash_place(BufferId buffer) const;
  uint32_t number_of(BufferId buffer);          // assigned at the first call
  uint32_t find_number(BufferId buffer) const;  // kNone: the window does not name it
  void add_operation(const Command& command);
  size_t find_lowest_place(size_t at) const;
  static void insert(Places& places, uint32_t place);
  bool conflicts_at(const Access& access, size_t place) const;

  CommandList& list_;
  mutable std::pmr::monotonic_buffer_resource memory_;
  std::pmr::vector<Node> nodes_;
  std::pmr::vector<BufferState> buffers_;
  std::pmr::vector<uint32_t> numbers_;   // a hash table with open addressing: numbers of buffers; kNone where free
  std::pmr::vector<uint32_t> order_;     // buffers in the order of their first creation or release
  std::pmr::vector<uint32_t> barriers_;  // nodes that no other node may cross
  uint64_t version_ = 1;                 // incremented at each change of what nodes touch
};

// The views of a map, reshaped to another iteration space with as many elements. Not valid where no strides describe
// that.
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
              const TensorView& view);  // -1: not found. Strides of axes of size 1 are ignored.

// Whether any of the views is a view of the buffer.
bool mentions(std::span<const TensorView> views, BufferId buffer);

// Whether two accesses touch the same memory of a buffer, and at least one of them writes.
bool conflicts(const Access& a, const Access& b);

}  // namespace lineshaft
