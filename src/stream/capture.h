// What a stream keeps of a capture under way.
#pragma once

#include <unordered_set>
#include <vector>

#include "lineshaft/stream/stream.h"

namespace lineshaft {

struct Stream::Capture {
  std::unordered_set<uint64_t> created;  // buffers that began in it
  std::vector<BufferId> released;   // that are older and were released: they end with the capture, or with the graph
  std::vector<GraphRef> forgotten;  // graphs: likewise
  std::vector<GraphParameter> parameters;  // that were handed out
};

}  // namespace lineshaft
