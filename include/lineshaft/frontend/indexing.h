// Addresses for gather and scatter (ops/gather.h): a base view over a space of coordinates, and what each index adds to
// it.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/ops/scatter.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

struct LINESHAFT_EXPORT IndexedSpace {
  TensorView base;                      // over the space, stride 0 on what an index replaces
  InlineVector<TensorView, 4> indices;  // broadcast to the space
  InlineVector<int64_t, 4> index_strides;
  InlineVector<int64_t, 4> bounds;
  bool wrap = false;  // an index below 0 counts from the end

  std::span<const int64_t> space() const { return base.shape(); }
  // Record the operation; nothing where the space has no elements. `output` and `source` have the space's sizes.
  void gather_into(Stream& stream, const TensorView& output) const;
  void scatter_from(Stream& stream, ScatterKind kind, const TensorView& source) const;
};

// All take views of one axis at least, and throw Error(kIndex) where an axis of no elements is indexed,
// Error(kInvalidArgument) where axes or sizes do not go together.
//
// self[..., index[c], ...] along `axis` for each coordinate c of `index`, as torch.gather and scatter address it. The
// views have one rank, unless the index has no elements.
LINESHAFT_EXPORT IndexedSpace index_each(const TensorView& self, int axis, const TensorView& index);
// self[..., index[i], ...] along `axis` for an index of one axis, as torch.index_select and tf.gather address it.
LINESHAFT_EXPORT IndexedSpace index_slices(const TensorView& self, int axis, const TensorView& index);
// self[..., indices[0][i], indices[1][j], ...]: an index of one axis for each of as many neighbouring axes from `first`
// on, and all their combinations, as padding by repeated elements addresses its source.
LINESHAFT_EXPORT IndexedSpace index_grid(const TensorView& self, int first, List<TensorView> indices);
// self[..., index[...], ...] along `axis`: one element for each coordinate of the other axes, whose sizes `index` has.
LINESHAFT_EXPORT IndexedSpace index_one(const TensorView& self, int axis, const TensorView& index);
// self[n, c, index[n, c, ...]] for self [N, C, spatial...] of dense planes, in which elements are counted row by row,
// as max pooling counts them.
LINESHAFT_EXPORT IndexedSpace index_planes(const TensorView& self, const TensorView& index);
// Windows of self [N, C, spatial...] that lie where they are told to: positions [N, C, windows, size of a window] for
// each spatial axis. The space is [N, C, windows..., sizes of a window...].
LINESHAFT_EXPORT IndexedSpace index_windows(const TensorView& self, List<TensorView> positions);
// self[:, ..., indices[0][c], indices[1][c], ..., :, ...]: indices of one shape in the place of as many neighbouring
// axes from `first` on. The space has the axes before them, those of the indices, and the axes after them. Throws
// Error(kInvalidArgument) where these are more than kMaxRank.
LINESHAFT_EXPORT IndexedSpace index_neighbours(const TensorView& self, int first, List<TensorView> indices);

// The view with the axes whose bits are set counted from their ends.
LINESHAFT_EXPORT TensorView reversed(const TensorView& view, uint32_t axes);

}  // namespace lineshaft::frontend
