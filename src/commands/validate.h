// Checks a command list that came from outside, before any command of it runs: every operation by its validate(), every
// view against its buffer, every buffer name by slot and generation. After that a device may run the list without
// checks of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "lineshaft/commands/command_list.h"

namespace lineshaft {

// A generation that no buffer of a list has. Devices use it for the names of their own memory.
inline constexpr uint32_t kDeviceGeneration = 0xffffffff;

// The live buffers of a session, according to the creations and releases in its lists. The guest's StreamBuffers
// (stream/stream_buffers.h) chose their names.
class BufferTable {
 public:
  struct Limits {
    uint32_t slots = 1 << 20;
    int64_t bytes = int64_t{1} << 52;  // of all live buffers, after each list
    int64_t within = 0;  // bytes more inside a list: fusion may release a buffer later than the program did
  };

  explicit BufferTable(Limits limits) : limits_(limits) {}
  BufferTable() : BufferTable(Limits{}) {}

  // The generations of a slot must ascend, so that a stale name never becomes valid again. Throws Error(kProtocol) for
  // a name that breaks the rules, and Error(kOutOfMemory) where the limit of bytes is exceeded.
  void create(BufferId buffer, int64_t size);
  void release(BufferId buffer);
  // Bytes of a live buffer; throws Error(kProtocol) for any other handle.
  int64_t size_of(BufferId buffer) const;
  // Call it after a list: throws Error(kOutOfMemory) where the live buffers take more than Limits::bytes.
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

// Throws for the first command that may not run, and names it in the text. `buffers` then holds the creations and
// releases before that command, so that the session must end.
void validate(const CommandList& list, BufferTable& buffers);

}  // namespace lineshaft
