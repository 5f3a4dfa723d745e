// Graphs: a stretch of recorded operations that is kept, fused and laid out in memory once, and run again by name. A
// server keeps a guest's graphs, so that running one again sends its number and its parameters' values.
//
// A graph works on the buffers that it named when it was captured. What was created and released inside it has a place
// in the graph's own memory, planned so that values that never live together share bytes; that memory, and every other
// buffer that the graph names, lives until the graph is forgotten.
//
// Parameters are scalars that differ from run to run: learning rates, the counters of random numbers. While a graph is
// captured they are recorded as placeholders, which the stream hands out (Stream::new_parameter); wherever one stands
// as an argument of a program, or in a field that has that role, such as the seed of an operation that draws, a run
// puts its value there.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// The placeholders first, first + 1, ..., first + count - 1. A run gives a value v; placeholder first + i becomes v +
// i, in 64-bit arithmetic that wraps. Of a float, of which count is 1, the value is its Scalar's bits.
struct GraphParameter {
  uint64_t first = 0;
  uint64_t count = 1;
  friend bool operator==(const GraphParameter&, const GraphParameter&) = default;
};

class LINESHAFT_EXPORT Graph {
 public:
  // `list` holds operations and uploads, nothing else; else throws Error(kInvalidArgument).
  Graph(std::unique_ptr<const CommandList> list, std::vector<GraphParameter> parameters);

  const CommandList& list() const { return *list_; }
  const std::vector<GraphParameter>& parameters() const { return parameters_; }
  // That it names, each once.
  const std::vector<BufferId>& buffers() const { return buffers_; }
  // Memory that the graph itself takes, on the host.
  size_t bytes() const { return list_->bytes() + patches_.size() * sizeof(Patch); }
  uint64_t number() const { return number_; }  // unique in this process
  double units() const;                        // of its commands' work; they must be valid (commands/work.h)

  // Of the buffers that end with the graph: its own memory, on the stream that captured it.
  std::vector<BufferId> owned;
  // Its operations and views hold for its buffers, as long as those live: what validate() found (commands/validate.h).
  mutable bool validated = false;

  // Appends the graph's commands to `list`, with these values of the parameters. The graph must outlive the list.
  void expand(std::span<const uint64_t> values, CommandList& list) const;

 private:
  struct Patch {
    uint32_t command;
    uint32_t place;  // number of the scalar among the command's
    uint32_t parameter;
    uint64_t delta;
  };
  std::unique_ptr<const CommandList> list_;
  std::vector<GraphParameter> parameters_;
  std::vector<BufferId> buffers_;
  std::vector<Patch> patches_;              // in the order of commands
  mutable std::atomic<double> units_ = -1;  // below 0: not yet known
  uint64_t number_;
};

using GraphRef = std::shared_ptr<const Graph>;

// What a command of kind kReplay or kForget points to.
struct Replay {
  const Graph* graph = nullptr;
  List<uint64_t> values;  // as many as the graph has parameters
};

// Appends a replay, or the end of a graph, to `list`, which keeps the graph.
LINESHAFT_EXPORT void add_replay(CommandList& list, const GraphRef& graph, std::span<const uint64_t> values,
                                 uint64_t id);
LINESHAFT_EXPORT void add_forget(CommandList& list, const GraphRef& graph, uint64_t id);

// Puts each graph's commands in the place of its replay, and takes the ends of graphs away: what a device runs.
LINESHAFT_EXPORT void expand_graphs(CommandList& list);

}  // namespace lineshaft
