// Padding by a tensor's own elements, mirrored or repeated: one gather over a grid of positions (index_grid,
// frontend/indexing.h), whose gradient is the scatter back.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/formulas/positions.h"
#include "lineshaft/frontend/tensor_ref.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Records where the elements of one padded axis come from: `positions`, i64[N] for a padded axis of N elements, become
// positions in a source of `source_size` elements. `before` of the padded elements lie in front of the source's first;
// below 0, so many of the source are left out there. Nothing is recorded where N is 0.
LINESHAFT_EXPORT void record_pad_positions(Stream& stream, formulas::PadMode mode, int64_t before, int64_t source_size,
                                           const TensorRef& positions);

}  // namespace lineshaft::frontend
