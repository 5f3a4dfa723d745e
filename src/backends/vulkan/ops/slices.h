// Running operations in slices: parts that run one after another, each with a bounded amount of scratch.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/parts.h"

namespace lineshaft::vulkan {

// Releases scratch that is allocated while the object lives: next(), which is called between slices, releases it if it
// takes slice_bytes() or more, and the destructor releases all of it. Views of released scratch must not be used.
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

// Where the operation is too large, runs it in halves along the longest axis in the mask `axes`, and returns true. The
// operation must be independent along these axes. All views have these axes, with the size of the largest view or size
// 1.
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
