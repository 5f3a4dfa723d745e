#include "stream/uploads.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lineshaft {
namespace {

constexpr size_t kStagingBlocks = 32;  // of 1 MiB

}  // namespace

Uploads::Uploads(Executor& executor, std::mutex& mutex, CommandWindow& window, StreamBuffers& buffers,
                 Scheduler& scheduler)
    : mutex_(mutex),
      window_(window),
      buffers_(buffers),
      scheduler_(scheduler),
      own_staging_(kStagingBlocks),
      staging_(executor.staging() ? *executor.staging() : own_staging_) {}

void Uploads::write(BufferId buffer, int64_t offset, const void* source, int64_t size) {
  LS_REQUIRE(size >= 0, "an upload of ", size, " bytes is asked for; a size is 0 or more");
  if (size == 0) return;
  const auto* from = static_cast<const std::byte*>(source);
  if (size <= kInlineUpload || begin_long(buffer, offset, size)) return write_small(buffer, offset, from, size);
  for (int64_t done = 0; done < size; done += Staging::kBlock)
    write_block(buffer, offset + done, from + done, std::min(size - done, Staging::kBlock));
}

bool Uploads::begin_long(BufferId buffer, int64_t offset, int64_t size) {
  std::lock_guard lock(mutex_);
  require(buffer, offset, size);
  return window_.captured;
}

void Uploads::require(BufferId buffer, int64_t offset, int64_t size) {
  scheduler_.rethrow();
  buffers_.require_within(buffer, offset, size, "an upload");
}

void Uploads::write_small(BufferId buffer, int64_t offset, const std::byte* source, int64_t size) {
  Lock lock(mutex_);
  require(buffer, offset, size);
  append(lock, buffer, offset, size, window_.list.arena.copy(source, size));
}

void Uploads::write_block(BufferId buffer, int64_t offset, const std::byte* source, int64_t size) {
  auto block = staging_.take();
  while (!block) {
    // A capture that began meanwhile holds its blocks until it ends.
    if (!scheduler_.reclaim()) return write_small(buffer, offset, source, size);
    block = staging_.take();
  }
  std::memcpy(block.get(), source, size);  // outside the lock
  Lock lock(mutex_);
  require(buffer, offset, size);
  const std::byte* data = block.get();
  window_.list.owned.push_back(std::move(block));
  append(lock, buffer, offset, size, data);
}

void Uploads::append(Lock& lock, BufferId buffer, int64_t offset, int64_t size, const std::byte* data) {
  window_.list.commands.push_back({.kind = CommandKind::kUpload,
                                   .label = Stream::current_label(),
                                   .id = ++window_.last_id,
                                   .buffer = buffer,
                                   .size = size,
                                   .offset = offset,
                                   .data = data});
  scheduler_.weigh(size);
  if (size > kInlineUpload && !window_.captured)
    scheduler_.send(lock, scheduler_.seal_window());  // the device copies one block while the next is written
  scheduler_.appended(lock);
}

}  // namespace lineshaft
