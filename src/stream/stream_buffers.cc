#include "stream/stream_buffers.h"

namespace lineshaft {

void StreamBuffers::let_go(BufferId buffer) noexcept {
  Slot& slot = slots_[buffer.slot()];
  if (--slot.keepers == 0 && slot.released) end(buffer);
}

void StreamBuffers::let_go(const Graph& graph) noexcept {
  for (BufferId buffer : graph.buffers()) let_go(buffer);
  for (BufferId buffer : graph.owned)
    if (is_live(buffer)) release(buffer);
}

void StreamBuffers::require_live(BufferId buffer) const {
  LS_REQUIRE(is_live(buffer), "buffer ", buffer.slot(), " is used after its release");
}

void StreamBuffers::require_usable(const TensorView& view, const Touch& touch) const {
  require_live(view.buffer);
  require_inside(view, touch, slots_[view.buffer.slot()].size);
}

void StreamBuffers::require_within(BufferId buffer, int64_t offset, int64_t size, const char* what) const {
  const Slot* slot = find(buffer);
  LS_REQUIRE(slot, what, " names buffer ", buffer.slot(), ", which is not there");
  LS_REQUIRE(lies_within(offset, size, slot->size), what, " of ", size, " bytes at ", offset,
             " passes the end of its buffer of ", slot->size, " bytes");
}

void StreamBuffers::refuse(int64_t bytes, int64_t limit) const {
  LS_REQUIRE(bytes >= 0, "a buffer of ", bytes, " bytes is asked for; a size is 0 or more");
  int64_t others = options_.budget - limit;
  fail(ErrorCode::kOutOfMemory, options_.name, " is out of memory: ", bytes, " bytes are asked for, ",
       statistics_.allocated, " of ", options_.budget, " bytes are held by ", statistics_.allocations, " live buffers",
       others ? concat(" and ", others, " by other programs that share them") : "",
       "; use a smaller batch, or release tensors that are no longer needed");
}

}  // namespace lineshaft
