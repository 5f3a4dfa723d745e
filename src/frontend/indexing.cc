#include "lineshaft/frontend/indexing.h"

#include "lineshaft/base/error.h"
#include "lineshaft/ops/gather.h"
#include "lineshaft/ops/search_sorted.h"

namespace lineshaft::frontend {
namespace {

// `view` is the index over the space of `base`; it stands for an axis of `size` elements that are `stride` apart.
void add_index(IndexedSpace& indexed, const TensorView& view, int64_t stride, int64_t size) {
  if (size <= 0 && view.numel() != 0) fail(ErrorCode::kIndex, "index is out of bounds for dimension with size 0");
  indexed.indices.push_back(view);
  indexed.index_strides.push_back(stride);
  indexed.bounds.push_back(size);
}

void require_axis_of(const TensorView& self, int axis) {
  LS_REQUIRE(axis >= 0 && axis < self.rank, "axis ", axis, " is indexed of a tensor of sizes ",
             shape_text(self.shape()), "; its axes are 0 to ", self.rank - 1);
}

// The index over the space of `base`, where its axes are those from `first` on.
TensorView spread(const TensorView& index, const TensorView& base, int first) {
  TensorView view = index;
  view.rank = base.rank;
  view.sizes = base.sizes;
  view.strides.fill(0);
  for (int k = 0; k < index.rank; ++k) view.strides[first + k] = index.strides[k];
  return view;
}

// The first element of `view` everywhere in the space of `like`.
TensorView on_space_of(const TensorView& like, const TensorView& view) {
  TensorView result = like;
  result.buffer = view.buffer;
  result.offset = view.offset;
  result.dtype = view.dtype;
  result.strides.fill(0);
  return result;
}

template <class Op>
Op operation(const IndexedSpace& indexed) {
  Op op;
  op.indices = {indexed.indices.data(), indexed.indices.size()};
  op.index_strides = {indexed.index_strides.data(), indexed.index_strides.size()};
  op.bounds = {indexed.bounds.data(), indexed.bounds.size()};
  op.wrap = indexed.wrap;
  return op;
}

}  // namespace

void IndexedSpace::gather_into(Stream& stream, const TensorView& output) const {
  if (output.numel() == 0) return;
  auto op = operation<Gather>(*this);
  op.input = base;
  op.output = output;
  stream.record(op);
}

void IndexedSpace::scatter_from(Stream& stream, ScatterKind kind, const TensorView& source) const {
  if (source.numel() == 0) return;
  auto op = operation<Scatter>(*this);
  op.kind = kind;
  op.target = base;
  op.source = source;
  stream.record(op);
}

IndexedSpace index_each(const TensorView& self, int axis, const TensorView& index) {
  require_axis_of(self, axis);
  LS_REQUIRE(index.rank == self.rank || index.numel() == 0, "an index of ", int{index.rank}, " axes for a tensor of ",
             int{self.rank}, "; they have as many");
  IndexedSpace indexed{.base = self};
  indexed.base.sizes = index.sizes;
  indexed.base.strides[axis] = 0;
  add_index(indexed, index, self.strides[axis], self.sizes[axis]);
  return indexed;
}

IndexedSpace index_slices(const TensorView& self, int axis, const TensorView& index) {
  return index_grid(self, axis, {&index, 1});
}

IndexedSpace index_grid(const TensorView& self, int first, List<TensorView> indices) {
  auto indexed_axes = static_cast<int>(indices.size());
  require_axis_of(self, first);
  LS_REQUIRE(indexed_axes <= self.rank - first, indices.size(), " indices from axis ", first, " on, of a tensor of ",
             int{self.rank}, " axes; give no more than it has");
  for (const TensorView& index : indices)
    LS_REQUIRE(index.rank == 1, "an index of slices has ", int{index.rank}, " axes; it takes one");
  IndexedSpace indexed{.base = self};
  for (int k = 0; k < indexed_axes; ++k) {
    indexed.base.sizes[first + k] = indices[k].sizes[0];
    indexed.base.strides[first + k] = 0;
  }
  for (int k = 0; k < indexed_axes; ++k)
    add_index(indexed, spread(indices[k], indexed.base, first + k), self.strides[first + k], self.sizes[first + k]);
  return indexed;
}

IndexedSpace index_one(const TensorView& self, int axis, const TensorView& index) {
  IndexedSpace indexed{.base = on_space_of(index, self)};
  for (int i = 0, to = 0; i < self.rank; ++i)
    if (i != axis) indexed.base.strides[to++] = self.strides[i];
  add_index(indexed, index, self.strides[axis], self.sizes[axis]);
  return indexed;
}

IndexedSpace index_planes(const TensorView& self, const TensorView& index) {
  IndexedSpace indexed{.base = on_space_of(index, self)};
  int64_t elements = 1;
  for (int i = 0; i < self.rank; ++i) {
    if (i < 2)
      indexed.base.strides[i] = self.strides[i];
    else
      elements *= self.sizes[i];
  }
  add_index(indexed, index, 1, elements);
  return indexed;
}

IndexedSpace index_windows(const TensorView& self, List<TensorView> positions) {
  auto spatial = static_cast<int>(positions.size());
  IndexedSpace indexed{.base = self};
  TensorView& base = indexed.base;
  base.rank = static_cast<uint8_t>(2 + 2 * spatial);
  for (int i = 0; i < spatial; ++i) {
    base.sizes[2 + i] = positions[i].sizes[2];
    base.sizes[2 + spatial + i] = positions[i].sizes[3];
    base.strides[2 + i] = base.strides[2 + spatial + i] = 0;
  }
  for (int i = 0; i < spatial; ++i) {
    TensorView view = on_space_of(base, positions[i]);
    view.strides[0] = positions[i].strides[0];
    view.strides[1] = positions[i].strides[1];
    view.strides[2 + i] = positions[i].strides[2];
    view.strides[2 + spatial + i] = positions[i].strides[3];
    add_index(indexed, view, self.strides[2 + i], self.sizes[2 + i]);
  }
  return indexed;
}

DType accumulation_type(ScatterKind kind, DType type) {
  bool rounds = kind == ScatterKind::kAdd || kind == ScatterKind::kMultiply;
  return rounds && (type == DType::kF16 || type == DType::kBF16) ? DType::kF32 : type;
}

void record_search(Stream& stream, const TensorView& sequence, const TensorView& values, bool right,
                   const TensorView& output) {
  LS_REQUIRE(sequence.rank > 0, "sequences that are searched have one axis at least");
  TensorView first = sequence;
  int last = first.rank - 1;
  const int64_t strides[] = {first.strides[last]}, bounds[] = {first.sizes[last]};
  first.sizes[last] = 1;
  if (last == 0) first.rank = 0;  // which broadcasts to values without axes too
  SearchSorted op;
  op.values = values;
  op.sequence = broadcast_to(first, values.shape());
  op.index_strides = strides;
  op.bounds = bounds;
  op.right = right;
  op.output = output;
  stream.record(op);
}

TensorView reversed(const TensorView& view, uint32_t axes) {
  TensorView result = view;
  for (int i = 0; i < view.rank; ++i) {
    if (!(axes >> i & 1)) continue;
    result.offset += (view.sizes[i] - 1) * view.strides[i] * size_of(view.dtype);
    result.strides[i] = -view.strides[i];
  }
  return result;
}

IndexedSpace index_neighbours(const TensorView& self, int first, List<TensorView> indices) {
  LS_REQUIRE(!indices.empty(), "no index is given; one at least is taken");
  require_axis_of(self, first);
  LS_REQUIRE(indices.size() <= static_cast<size_t>(self.rank - first), indices.size(), " indices from axis ", first,
             " on, of a tensor of ", int{self.rank}, " axes; give no more than it has");
  const TensorView& shape = indices[0];
  for (const TensorView& index : indices)
    LS_REQUIRE(same_shape(index, shape), "indices have sizes ", shape_text(shape.shape()), " and ",
               shape_text(index.shape()), "; broadcast them first");
  int after = first + static_cast<int>(indices.size()), rank = first + shape.rank + self.rank - after;
  LS_REQUIRE(rank <= kMaxRank, "lineshaft indexes spaces of at most ", kMaxRank, " axes; this one has ", rank,
             ". Reshape first");
  IndexedSpace indexed{.base = self};
  TensorView& base = indexed.base;
  base.rank = 0;
  auto push = [&](int64_t size, int64_t stride) {
    base.sizes[base.rank] = size;
    base.strides[base.rank++] = stride;
  };
  for (int i = 0; i < first; ++i) push(self.sizes[i], self.strides[i]);
  for (int64_t size : shape.shape()) push(size, 0);
  for (int i = after; i < self.rank; ++i) push(self.sizes[i], self.strides[i]);
  for (int i = first; i < after; ++i) {
    if (self.sizes[i] == 0 && shape.numel() != 0)
      fail(ErrorCode::kIndex, "index is out of bounds for dimension with size 0");
    add_index(indexed, spread(indices[i - first], base, first), self.strides[i], self.sizes[i]);
  }
  return indexed;
}

}  // namespace lineshaft::frontend
