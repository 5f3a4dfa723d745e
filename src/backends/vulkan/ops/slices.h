// Operations in slices: parts that take a bounded scratch each, one after the other.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/parts.h"

namespace lineshaft::vulkan {

// For scratch that is taken while it lives: at the end of a turn it goes back once there is a slice's worth of it, and
// at the end all of it. Views of it are then no more.
class ScratchTurns {
 public:
  explicit ScratchTurns(Context& context) : context_(context), kept_(context.memory().scratch_count()) {}
  ~ScratchTurns() { context_.memory().release_scratch(kept_); }
  ScratchTurns(const ScratchTurns&) = delete;
  ScratchTurns& operator=(const ScratchTurns&) = delete;

  void next() {
    if (context_.memory().scratch_bytes(kept_) >= context_.slice_bytes()) context_.memory().release_scratch(kept_);
  }

 private:
  Context& context_;
  size_t kept_;
};

// Whether the operation is too large and has run in halves along one of the axes in the mask, whose parts know nothing
// of each other. All views have those axes, of the sizes that the largest has or of size 1.
template <class Op>
bool ran_in_parts(Context& context, const Op& op, uint32_t axes) {
  if (!is_too_large(op)) return false;
  TensorView largest = largest_view(op);
  int axis = longest_axis(largest, axes);
  if (axis < 0) return false;
  ScratchTurns turns(context);
  in_halves(op, axis, largest.sizes[axis], [&](const Op& part, int64_t) {
    turns.next();
    run(context, part);
  });
  return true;
}

}  // namespace lineshaft::vulkan
