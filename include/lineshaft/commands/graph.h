// Graphs: a sequence of recorded operations that is fused and laid out in memory once, kept, and run any number of
// times, as CUDA graphs are. A server keeps a guest's graphs, so that running one again sends only its number and the
// values of its parameters.
//
// A graph works on the buffers that its operations named when it was captured. Buffers that were created and released
// during the capture get places in the graph's own memory, planned so that values that are never live at the same time
// share bytes. That memory, and every other buffer that the graph names, lives until the graph is forgotten.
//
// Parameters are scalars that differ from run to run: learning rates, the counters of random numbers. While a graph is
// captured, placeholders are recorded in their place, which Stream::new_parameter gives. A run replaces each
// placeholder by its value wherever it is an argument of a program, or a field with the role `argument`
// (ops/operation.h), such as the seed of an operation that draws random numbers.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// The placeholders first, first + 1, ..., first + count - 1. A run gives a value v, and placeholder first + i becomes v
// + i, in 64-bit arithmetic that wraps. For a float, count is 1 and v is the bits of its Scalar.
struct GraphParameter {
  uint64_t first = 0;
  uint64_t count = 1;
  friend bool operator==(const GraphParameter&, const GraphParameter&) = default;
};

class LINESHAFT_EXPORT Graph {
 public:
  // Throws Error(kInvalidArgument) unless `list` holds only operations and uploads.
  Graph(std::unique_ptr<const CommandList> list, std::vector<GraphParameter> parameters);

  const CommandList& list() const { return *list_; }
  const std::vector<GraphParameter>& parameters() const { return parameters_; }
  // The buffers that its commands name, each once.
  const std::vector<BufferId>& buffers() const { return buffers_; }
  // Bytes of host memory that the graph takes.
  size_t bytes() const { return list_->bytes() + patches_.size() * sizeof(Patch); }
  uint64_t number() const { return number_; }  // unique in this process
  double units() const;                        // work of its commands, which must be valid (commands/work.h)

  // The buffers that are the graph's own memory. The stream that captured it releases them when the graph is forgotten.
  std::vector<BufferId> owned;
  // validate() (commands/validate.h) has checked its operations and views against its buffers; that holds as long as
  // these live.
  mutable bool validated = false;

  // Appends the graph's commands to `list`, with `values` of the parameters. The graph must outlive the list. Throws
  // Error(kInvalidArgument) where there are not as many values as parameters.
  void expand(std::span<const uint64_t> values, CommandList& list) const;

 private:
  struct Patch {
    uint32_t command;
    uint32_t place;  // the number of the scalar among the scalars of the command
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

// Append the command that replays a graph, and the command that ends it (kForget). `list` keeps the graph alive.
LINESHAFT_EXPORT void add_replay(CommandList& list, const GraphRef& graph, std::span<const uint64_t> values,
                                 uint64_t id);
LINESHAFT_EXPORT void add_forget(CommandList& list, const GraphRef& graph, uint64_t id);

// Replaces each kReplay by the commands of its graph and removes each kForget, for devices that do not keep graphs.
LINESHAFT_EXPORT void expand_graphs(CommandList& list);

}  // namespace lineshaft
