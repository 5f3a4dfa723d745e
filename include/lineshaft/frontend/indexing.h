// Operands for gather and scatter (ops/gather.h), made from the indexing operators of frameworks: a base view over a
// space of coordinates, and the indices that are added to it.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/ops/scatter.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

struct LINESHAFT_EXPORT IndexedSpace {
  TensorView base;                      // its sizes are the space; stride 0 on axes that an index replaces
  InlineVector<TensorView, 4> indices;  // views broadcast to the space
  InlineVector<int64_t, 4> index_strides;
  InlineVector<int64_t, 4> bounds;
  bool wrap = false;  // an index below 0 counts from the end

  std::span<const int64_t> space() const { return base.shape(); }
  // Record the operation, or nothing where the space has no elements. `output` and `source` have the space's sizes.
  void gather_into(Stream& stream, const TensorView& output) const;
  void scatter_from(Stream& stream, ScatterKind kind, const TensorView& source) const;
};

// All functions require that `self` has at least one axis. They throw Error(kIndex) where an axis of size 0 is indexed,
// and Error(kInvalidArgument) where axes or sizes do not fit.
//
// self[..., index[c], ...] along `axis` for each coordinate c of `index`, as torch.gather and scatter address it. Both
// views have the same rank, unless the index has no elements.
LINESHAFT_EXPORT IndexedSpace index_each(const TensorView& self, int axis, const TensorView& index);
// self[..., index[i], ...] along `axis` for an index of one axis, as torch.index_select and tf.gather address it.
LINESHAFT_EXPORT IndexedSpace index_slices(const TensorView& self, int axis, const TensorView& index);
// self[..., indices[0][i], indices[1][j], ...]: indices of one axis each replace neighbouring axes from `first` on, in
// all combinations, as padding by repeated elements addresses its source.
LINESHAFT_EXPORT IndexedSpace index_grid(const TensorView& self, int first, List<TensorView> indices);
// self[..., index[...], ...] along `axis`: one element for each coordinate of the other axes. `index` has the sizes of
// these other axes.
LINESHAFT_EXPORT IndexedSpace index_one(const TensorView& self, int axis, const TensorView& index);
// self[n, c, index[n, c, ...]] for self [N, C, spatial...], where each [spatial...] is dense and an index is the
// row-major number of an element in it, as the indices of max pooling are.
LINESHAFT_EXPORT IndexedSpace index_planes(const TensorView& self, const TensorView& index);
// Windows of self [N, C, spatial...] at given positions: for each spatial axis, `positions` holds a view [N, C,
// windows, size of a window]. The space is [N, C, windows..., sizes of a window...].
LINESHAFT_EXPORT IndexedSpace index_windows(const TensorView& self, List<TensorView> positions);
// self[:, ..., indices[0][c], indices[1][c], ..., :, ...]: indices of one shape replace as many neighbouring axes from
// `first` on. The space has the axes before the replaced ones, the axes of the indices, and the axes after the replaced
// ones. Throws Error(kInvalidArgument) where these are more than kMaxRank.
LINESHAFT_EXPORT IndexedSpace index_neighbours(const TensorView& self, int first, List<TensorView> indices);

// The dtype to scatter in by `kind` where the target is of `type`, any dtype: f32 for sums and products of f16 and
// bf16, as a sum in f16 ends where its parts are below half a unit, and a count at 2048; else `type`. Extremes round
// nothing.
LINESHAFT_EXPORT DType accumulation_type(ScatterKind kind, DType type);

// Records where values belong in sorted sequences (ops/search_sorted.h): how many elements of its sequence lie below a
// value, with `right` at or below it. `sequence` is [..., N], of one axis at least, and its axes but the last broadcast
// to those of `values` but the last; one of a single axis is searched for all values. `values` have the sequence's
// dtype, and `output`, i64 or i32, has their sizes. Throws Error(kInvalidArgument) where sizes do not go together.
LINESHAFT_EXPORT void record_search(Stream& stream, const TensorView& sequence, const TensorView& values, bool right,
                                    const TensorView& output);

// The view with the axes whose bits are set in `axes` reversed, as torch.flip does: their strides become negative.
LINESHAFT_EXPORT TensorView reversed(const TensorView& view, uint32_t axes);

}  // namespace lineshaft::frontend
