// Concatenation along an axis: the result's sizes, and each part's place in it.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/tensor_ref.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// The sizes of parts of these sizes, one at least, joined along `axis`: those of the first, with the sum of all on the
// axis. Throws Error(kInvalidArgument) where parts have other numbers of axes or differ on another axis, and for an
// axis that they do not have.
LINESHAFT_EXPORT Sizes joined_sizes(List<std::span<const int64_t>> parts, int axis);

// Writes the parts to `out`, one after the other along `axis`, each converted to out's dtype by the rules of convert()
// (program/expression.h): one command for each part with elements. Parts and out are of any dtype and rank, and out has
// the sizes that joined_sizes gives. A part that partly overlaps the place that it is written to is copied first; none
// may share memory with another's place. Throws Error(kInvalidArgument) where sizes do not go together.
LINESHAFT_EXPORT void record_concatenation(Stream& stream, List<TensorRef> parts, int axis, const TensorRef& out);

}  // namespace lineshaft::frontend
