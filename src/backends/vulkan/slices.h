// Operations in slices: parts that take a bounded scratch each, one after the other.
#pragma once

#include <algorithm>

#include "backends/vulkan/context.h"

namespace lineshaft::vulkan {

// `count` of the view from `first` on along an axis; the view itself where it has one there for all.
inline TensorView narrowed(const TensorView& view, int axis, int64_t first, int64_t count) {
  if (!view || view.sizes[axis] == 1) return view;
  TensorView part = view;
  part.offset += first * view.strides[axis] * size_of(view.dtype);
  part.sizes[axis] = count;
  return part;
}

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

}  // namespace lineshaft::vulkan
