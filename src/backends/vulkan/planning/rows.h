// Tensors as rows that reductions go along, and how these are cut into parts.
#pragma once

#include <span>
#include <vector>

#include "backends/vulkan/planning/turns.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::vulkan {

// A tensor as [outer][leading][between][length][inner], reduced over `leading` and `length`. The kept axes' elements in
// order are [outer][between][inner].
struct Rows {
  TensorView values;  // dense
  int64_t outer = 1, length = 1, inner = 1;
  int64_t leading = 1, between = 1;
  int64_t kept() const { return outer * between * inner; }
  int64_t elements() const { return leading * length; }  // that one result is made of
};

// A dense view's elements under other sizes.
TensorView dense_as(const TensorView& view, std::span<const int64_t> sizes);

// The axes' sizes gathered into runs, alternately kept and reduced, from a kept one on; axes of size 1 join any run.
std::vector<int64_t> runs_of(const TensorView& view, uint8_t axes);
// Kept axes first, then the reduced ones.
TensorView kept_first(const TensorView& view, uint8_t axes);

// The fewest parts of a row whose loops a device of that limit lets turn.
int64_t least_segments(const Rows& rows, Turns limit);
// Into how many parts a row is cut: enough invocations to fill the device, which wants so many, each with enough to do.
// By shape and device only.
int64_t segments_of(const Rows& rows, int64_t wanted, Turns limit);

// Four neighbours make one element of a first run: of a row, or of the kept axes behind it.
bool takes_fours(const Rows& rows);
Rows in_fours(const Rows& rows);
// What is left to reduce after a first run in `segments` parts.
Rows parts_of(const TensorView& values, const Rows& rows, int64_t segments, bool fours);

// The last run, with everything before it as kept.
Rows last_run(const Rows& rows);
// What is left of the run before it.
Rows leading_run(const TensorView& values, const Rows& rows);

}  // namespace lineshaft::vulkan
