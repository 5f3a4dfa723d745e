// Checks a command list that came from outside, before anything of it runs: every operation by its own rule, every view
// against its buffer, every handle by slot and generation. After this a device may run the list without a check of its
// own.
#pragma once

#include <cstdint>
#include <vector>

#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// No buffer of a list is of this generation: devices name memory of their own by it.
inline constexpr uint32_t kDeviceGeneration = 0xffffffff;

// The buffers of a session as its lists made them. StreamBuffers (stream/stream_buffers.h) is who gives such names.
class BufferTable {
 public:
  struct Limits {
    uint32_t slots = 1 << 20;
    int64_t bytes = int64_t{1} << 52;  // of all live buffers, after each list
    int64_t within = 0;                // more in the middle of a list: fusion may end a buffer later than its program
  };

  explicit BufferTable(Limits limits) : limits_(limits) {}
  BufferTable() : BufferTable(Limits{}) {}

  // Generations of a slot ascend; a stale one never comes back. Throws Error(kProtocol), or Error(kOutOfMemory) past
  // the limit of bytes.
  void create(BufferId buffer, int64_t size);
  void release(BufferId buffer);
  // Bytes of a live buffer; throws Error(kProtocol) for any other handle.
  int64_t size_of(BufferId buffer) const;
  // Throws Error(kOutOfMemory) where more is live than may be after a list.
  void require_quota() const;
  int64_t bytes() const { return bytes_; }
  int64_t count() const { return count_; }

 private:
  struct Slot {
    uint32_t generation = 0;
    int64_t size = -1;  // -1: not live
  };
  Limits limits_;
  std::vector<Slot> slots_;
  int64_t bytes_ = 0;
  int64_t count_ = 0;
};

// Throws where a command may not run, naming it. Creations and releases up to there are then in `buffers`: the session
// ends.
void validate(const CommandList& list, BufferTable& buffers);

}  // namespace lineshaft
