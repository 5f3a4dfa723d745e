// The window as fusion sees it: nodes in order, what each touches, and which buffers begin and end in the window.
#pragma once

#include <unordered_map>
#include <vector>

#include "stream/command_list.h"

namespace lineshaft {

struct Access {
  TensorView view;
  ByteRange range;
  bool read = false;
  bool written = false;
  bool whole = false;  // anywhere in the buffer: an upload, or the base of a gather or scatter
};

struct Node {
  Command command;
  bool live = true;
  bool is_map = false;
  bool alone = false;    // not to be merged with anything
  bool is_each = false;  // a map_each: the vectors below hold its groups one after another
  Map map;               // a map's own form while it grows; its lists point into the vectors below
  std::vector<TensorView> inputs, outputs;
  std::vector<Scalar> args;
  std::vector<Access> accesses;
};

class FusionGraph {
 public:
  // `f64`: see FusionLimits.
  FusionGraph(CommandList& list, bool f64);

  std::vector<Node>& nodes() { return nodes_; }
  bool released(BufferId buffer) const {
    auto found = buffers_.find(buffer.value);
    return found != buffers_.end() && found->second.released;
  }
  // No live node after `from`, but `except`, reads any of the buffer.
  bool unread_after(BufferId buffer, size_t from, size_t except) const;
  // Nodes strictly between `low` and `high` leave what `node` reads and writes alone, so that it may move across them.
  bool may_cross(const Node& node, size_t low, size_t high) const;
  void refresh_accesses(Node& node);

  // Writes the nodes back: creations first, each release after its buffer's last use, buffers that nothing touches any
  // more left out.
  void emit();

 private:
  struct BufferState {
    bool created = false;
    bool released = false;
    Command create, release;
  };
  CommandList& list_;
  std::vector<Node> nodes_;
  std::unordered_map<uint64_t, BufferState> buffers_;
  std::vector<uint64_t> order_;  // of first mention among creations and releases
};

// A map's views under the sizes of another iteration space with as many elements, where strides can say so.
class ViewsIn {
 public:
  ViewsIn(const Node& node, std::span<const int64_t> sizes);
  bool valid = true;
  const std::vector<TensorView>& inputs() const { return as_they_are_ ? node_.inputs : inputs_; }
  const std::vector<TensorView>& outputs() const { return as_they_are_ ? node_.outputs : outputs_; }

 private:
  const Node& node_;
  bool as_they_are_ = true;
  std::vector<TensorView> inputs_, outputs_;
};

int find_view(const std::vector<TensorView>& views, const TensorView& view);  // -1: not there

// Do two accesses of one buffer depend on each other?
bool conflicts(const Access& a, const Access& b);

}  // namespace lineshaft
