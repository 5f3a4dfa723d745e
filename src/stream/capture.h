// A graph that is being captured: what is recorded goes to it, and what others end meanwhile ends with it. All
// functions are called with the stream's lock held.
#pragma once

#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "lineshaft/stream/stream.h"
#include "stream/stream_buffers.h"

namespace lineshaft {

class Capture {
 public:
  // The open window, which is empty, is the graph's from now on.
  Capture(const StreamOptions& options, CommandWindow& window, StreamBuffers& buffers);

  void created(BufferId buffer) { created_.insert(buffer.value); }
  // Releases a live buffer. An older one than the capture ends with that, or with the graphs that name it.
  void release(BufferId buffer);
  // The graph ends with the capture.
  void forget(const GraphRef& graph) { forgotten_.push_back(graph); }
  // Placeholders that no other parameter of this graph has.
  GraphParameter new_parameter(uint64_t count);

  // Makes the graph of what the window holds, with memory that `create` makes: that may let go of the lock. Throws
  // Error(kOutOfMemory) or Error(kInvalidArgument) where there can be none. The window is the stream's again, thrown or
  // not, with the creations of what goes on after the capture.
  std::shared_ptr<Graph> finish(std::vector<GraphParameter> parameters, const std::function<BufferId(int64_t)>& create);
  // After finish: ends what was released meanwhile. The caller does so with the graphs that were forgotten.
  void end_released() noexcept;
  const std::vector<GraphRef>& forgotten() const { return forgotten_; }

 private:
  CommandList take_window();

  const StreamOptions& options_;
  CommandWindow& window_;
  StreamBuffers& buffers_;
  std::unordered_set<uint64_t> created_;    // buffers that began in it
  std::vector<BufferId> released_;          // that are older, and are kept until the capture is over
  std::vector<GraphRef> forgotten_;         // likewise
  std::vector<GraphParameter> parameters_;  // that were handed out
};

}  // namespace lineshaft
