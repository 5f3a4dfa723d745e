// The buffers of a stream: their names, how much of its budget they take, and which of them graphs keep alive. It
// records the creation and the release of each. All functions are called with the stream's lock held.
//
// BufferTable (commands/validate.h) is the counterpart on a server, where the names come from lists of a guest.
#pragma once

#include <algorithm>
#include <vector>

#include "commands/range.h"
#include "commands/validate.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft {

class StreamBuffers {
 public:
  StreamBuffers(const StreamOptions& options, CommandWindow& window) : options_(options), window_(window) {}

  // Whether a new buffer of `bytes` fits, where all live buffers may take `limit` bytes together.
  bool fits(int64_t bytes, int64_t limit) const { return bytes <= limit - statistics_.allocated; }

  // Names a new buffer and records its creation. `limit` is what other programs leave of the budget. Throws
  // Error(kInvalidArgument) for a size below 0, Error(kOutOfMemory) for one that does not fit.
  BufferId create(int64_t bytes, int64_t limit) {
    if (bytes < 0 || !fits(bytes, limit)) [[unlikely]]
      refuse(bytes, limit);
    uint32_t slot;
    if (free_slots_.empty()) {
      slot = static_cast<uint32_t>(slots_.size());
      slots_.push_back({.generation = options_.first_generation});
    } else {
      slot = free_slots_.back();
      free_slots_.pop_back();
    }
    slots_[slot].size = bytes;
    statistics_.allocated += bytes;
    statistics_.total_allocated = saturating_sum(statistics_.total_allocated, bytes);
    statistics_.peak_allocated = std::max(statistics_.peak_allocated, statistics_.allocated);
    ++statistics_.allocations;
    BufferId buffer = BufferId::make(slot, slots_[slot].generation);
    window_.list.commands.push_back(
        {.kind = CommandKind::kCreate, .id = ++window_.last_id, .buffer = buffer, .size = bytes});
    return buffer;
  }

  // Whether the buffer exists and is not released.
  bool is_live(BufferId buffer) const {
    const Slot* slot = find(buffer);
    return slot && !slot->released;
  }
  // Releases a live buffer. The release is recorded now, or when the last graph or capture lets the buffer go. Returns
  // whether it is recorded now.
  bool release(BufferId buffer) noexcept {
    Slot& slot = slots_[buffer.slot()];
    slot.released = true;
    if (slot.keepers == 0) end(buffer);
    return slot.keepers == 0;
  }

  // Graphs and captures keep buffers alive. let_go() records the release of a buffer that has been released meanwhile,
  // when nothing else keeps it.
  void keep(BufferId buffer) { ++slots_[buffer.slot()].keepers; }
  void let_go(BufferId buffer) noexcept;
  // Lets all buffers go that a graph keeps, and releases the memory that it owns.
  void let_go(const Graph& graph) noexcept;

  // The slots of buffers that were released in the window become free for the next window. So a slot has only one
  // generation in a window, and fusion may reorder commands.
  void window_closed() {
    free_slots_.insert(free_slots_.end(), ended_slots_.begin(), ended_slots_.end());
    ended_slots_.clear();
  }

  // Throw Error(kInvalidArgument). `what` begins the text: "a read".
  void require_live(BufferId buffer) const;
  // The view's buffer is live, and all elements that the operation may touch lie inside it. The operation must be
  // valid.
  void require_usable(const TensorView& view, const Touch& touch) const;
  void require_within(BufferId buffer, int64_t offset, int64_t size, const char* what) const;

  // Without the fields `reserved` and `limit`.
  const MemoryStatistics& statistics() const { return statistics_; }
  void reset_peak() { statistics_.peak_allocated = statistics_.allocated; }

 private:
  struct Slot {
    uint32_t generation = 1;
    int64_t size = -1;      // -1: the slot is free
    uint32_t keepers = 0;   // the number of graphs and captures that keep the buffer
    bool released = false;  // it ends when the last of them lets it go
  };
  // Null where the buffer does not exist.
  const Slot* find(BufferId buffer) const {
    if (buffer.slot() >= slots_.size()) return nullptr;
    const Slot& slot = slots_[buffer.slot()];
    return slot.generation == buffer.generation() && slot.size >= 0 ? &slot : nullptr;
  }
  void end(BufferId buffer) noexcept {
    Slot& slot = slots_[buffer.slot()];
    window_.list.commands.push_back(
        {.kind = CommandKind::kRelease, .id = ++window_.last_id, .buffer = buffer, .size = slot.size});
    statistics_.allocated -= slot.size;
    --statistics_.allocations;
    slot = {.generation = slot.generation + 1};
    // A slot that has used all its generations is not used again.
    if (slot.generation != kDeviceGeneration) ended_slots_.push_back(buffer.slot());
  }
  [[noreturn]] void refuse(int64_t bytes, int64_t limit) const;

  const StreamOptions& options_;
  CommandWindow& window_;
  std::vector<Slot> slots_ = std::vector<Slot>(1);  // slot 0 is not used: its name would be empty
  std::vector<uint32_t> free_slots_;
  std::vector<uint32_t> ended_slots_;  // in the open window
  MemoryStatistics statistics_;
};

}  // namespace lineshaft
