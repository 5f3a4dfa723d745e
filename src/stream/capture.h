// A graph that is being captured: recorded operations go to it, and releases of older buffers take effect when the
// capture ends. All functions are called with the stream's lock held.
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
  // The open window, which must be empty, collects the graph from now on.
  Capture(const StreamOptions& options, CommandWindow& window, StreamBuffers& buffers);

  void created(BufferId buffer) { created_.insert(buffer.value); }
  // Releases a live buffer. A buffer that is older than the capture ends with the capture, or with the last graph that
  // names it.
  void release(BufferId buffer);
  // Forgets the graph when the capture ends.
  void forget(const GraphRef& graph) { forgotten_.push_back(graph); }
  // Random placeholders that no other parameter of this graph has.
  GraphParameter new_parameter(uint64_t count);

  // Makes the graph from the operations in the window. `create` makes its memory, and may release the lock during the
  // call. Throws Error(kOutOfMemory) or Error(kInvalidArgument) as Stream::end_capture does. In any case the window is
  // the stream's again afterwards, and holds the creations of buffers that outlive the capture.
  std::shared_ptr<Graph> finish(std::vector<GraphParameter> parameters, const std::function<BufferId(int64_t)>& create);
  // To be called after finish: releases the older buffers that were released during the capture. The caller forgets the
  // graphs in forgotten().
  void end_released() noexcept;
  const std::vector<GraphRef>& forgotten() const { return forgotten_; }

 private:
  CommandList take_window();

  const StreamOptions& options_;
  CommandWindow& window_;
  StreamBuffers& buffers_;
  std::unordered_set<uint64_t> created_;  // buffers that were created during the capture
  std::vector<BufferId> released_;   // older buffers that were released during the capture, and are kept until it ends
  std::vector<GraphRef> forgotten_;  // graphs that were forgotten during the capture
  std::vector<GraphParameter> parameters_;  // that new_parameter() gave
};

}  // namespace lineshaft
