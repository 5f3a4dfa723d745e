// Copies data from the host into a stream: little of it into the open window itself, more through blocks of staging,
// which the device takes while the next one is written.
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
  // All that it refers to is the stream's, and outlives it.
  Uploads(Executor& executor, std::mutex& mutex, CommandWindow& window, StreamBuffers& buffers, Scheduler& scheduler);

  // Stream::write. Takes the stream's lock itself, and copies to staging without it.
  void write(BufferId buffer, int64_t offset, const void* source, int64_t size);

 private:
  using Lock = std::unique_lock<std::mutex>;
  // Of an upload in pieces: the whole of it fits. Says whether a graph is captured.
  bool begin_long(BufferId buffer, int64_t offset, int64_t size);
  void write_small(BufferId buffer, int64_t offset, const std::byte* source, int64_t size);
  void write_block(BufferId buffer, int64_t offset, const std::byte* source, int64_t size);
  // With the lock held: throws a deferred error, and where the buffer does not have the range.
  void require(BufferId buffer, int64_t offset, int64_t size);
  // With the lock held: an upload of what require() took, from data that the window holds.
  void append(Lock& lock, BufferId buffer, int64_t offset, int64_t size, const std::byte* data);

  std::mutex& mutex_;
  CommandWindow& window_;
  StreamBuffers& buffers_;
  Scheduler& scheduler_;
  Staging own_staging_;  // where the device has none
  Staging& staging_;
};

}  // namespace lineshaft
