// Copies data from the host to buffers of a stream. A short upload is copied into the open window itself; a long one
// goes through staging blocks, which the device takes while the next block is written.
#pragma once

#include <cstddef>
#include <mutex>

#include "lineshaft/stream/stream.h"
#include "stream/scheduler.h"
#include "stream/staging.h"
#include "stream/stream_buffers.h"

namespace lineshaft {

class Uploads {
 public:
  // The arguments belong to the stream and outlive this object.
  Uploads(Executor& executor, std::mutex& mutex, CommandWindow& window, StreamBuffers& buffers, Scheduler& scheduler);

  // Stream::write. Takes the stream's lock itself, and copies to staging without it.
  void write(BufferId buffer, int64_t offset, const void* source, int64_t size);

 private:
  using Lock = std::unique_lock<std::mutex>;
  // Checks the range of an upload in pieces. Returns whether a graph is being captured.
  bool begin_long(BufferId buffer, int64_t offset, int64_t size);
  void write_small(BufferId buffer, int64_t offset, const std::byte* source, int64_t size);
  void write_block(BufferId buffer, int64_t offset, const std::byte* source, int64_t size);
  // With the lock held: throws a deferred error, or Error(kInvalidArgument) where the range does not lie in the buffer.
  void require(BufferId buffer, int64_t offset, int64_t size);
  // With the lock held, after require(): records an upload of data that the window keeps alive.
  void append(Lock& lock, BufferId buffer, int64_t offset, int64_t size, const std::byte* data);

  std::mutex& mutex_;
  CommandWindow& window_;
  StreamBuffers& buffers_;
  Scheduler& scheduler_;
  Staging own_staging_;  // used where the device has no staging
  Staging& staging_;
};

}  // namespace lineshaft
