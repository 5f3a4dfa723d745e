// Parts of attention and its gradient: some heads of some batches.
#pragma once

#include "backends/vulkan/planning/parts.h"

namespace lineshaft::vulkan {

// A visitor that narrows views to some heads of some batches.
struct HeadsOfBatches {
  int64_t batch, batches, head, heads;

  void input(const char*, TensorView& view) const {
    view = narrowed(narrowed(view, 0, batch, batches), 1, head, heads);
  }
  void output(const char* name, TensorView& view) const { input(name, view); }
  template <class T>
  void param(const char*, T&) const {}
};

// A part of attention or its gradient. The counters of dropout are those that the whole operation would use.
template <class Op>
Op attention_part(const Op& op, const HeadsOfBatches& which) {
  Op part = op;
  Op::fields(part, which);
  int64_t first = which.batch * op.query.sizes[1] + which.head;
  part.params.offset += first * op.query.sizes[2] * op.key.sizes[2];
  return part;
}

}  // namespace lineshaft::vulkan
