// The buffers of a stream: their names, what they take of its budget, which of them graphs keep. It records where each
// begins and ends. All functions are called with the stream's lock held.
//
// BufferTable (commands/validate.h) is the other side: there the names are given, by lists that come from outside.
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

  // Whether `bytes` more fit where all live buffers may take `limit` together.
  bool fits(int64_t bytes, int64_t limit) const { return bytes <= limit - statistics_.allocated; }

  // Names a new buffer and records its beginning. `limit` is what other programs leave of the budget. Throws
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

  // It is there, and its release is yet to come.
  bool is_live(BufferId buffer) const {
    const Slot* slot = find(buffer);
    return slot && !slot->released;
  }
  // Ends a live buffer, at once where nothing keeps it; else the last that does ends it. Says whether it has ended.
  bool release(BufferId buffer) noexcept {
    Slot& slot = slots_[buffer.slot()];
    slot.released = true;
    if (slot.keepers == 0) end(buffer);
    return slot.keepers == 0;
  }

  // Graphs, and captures under way, keep buffers that are there. What is let go ends if it is released by then.
  void keep(BufferId buffer) { ++slots_[buffer.slot()].keepers; }
  void let_go(BufferId buffer) noexcept;
  // Lets go of all that a graph keeps, and ends the memory that it owns.
  void let_go(const Graph& graph) noexcept;

  // The slots of what ended in the window are free for the next one: a slot has one generation a window, so that fusion
  // may reorder.
  void window_closed() {
    free_slots_.insert(free_slots_.end(), ended_slots_.begin(), ended_slots_.end());
    ended_slots_.clear();
  }

  // Throw Error(kInvalidArgument). `what` begins the text: "a read".
  void require_live(BufferId buffer) const;
  // The view's buffer is live, and what the operation may touch of it lies inside. The operation is valid.
  void require_usable(const TensorView& view, const Touch& touch) const;
  void require_within(BufferId buffer, int64_t offset, int64_t size, const char* what) const;

  // What is recorded: neither what is reserved nor the limit.
  const MemoryStatistics& statistics() const { return statistics_; }
  void reset_peak() { statistics_.peak_allocated = statistics_.allocated; }

 private:
  struct Slot {
    uint32_t generation = 1;
    int64_t size = -1;      // -1: free
    uint32_t keepers = 0;   // graphs and captures: the buffer is there until they let go
    bool released = false;  // it ends with the last of them
  };
  // Null where the buffer is not there.
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
    // A slot that has had all its names is given to nobody again.
    if (slot.generation != kDeviceGeneration) ended_slots_.push_back(buffer.slot());
  }
  [[noreturn]] void refuse(int64_t bytes, int64_t limit) const;

  const StreamOptions& options_;
  CommandWindow& window_;
  std::vector<Slot> slots_ = std::vector<Slot>(1);  // no buffer is of the first: its name would be empty
  std::vector<uint32_t> free_slots_;
  std::vector<uint32_t> ended_slots_;  // in the open window
  MemoryStatistics statistics_;
};

}  // namespace lineshaft
