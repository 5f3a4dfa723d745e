// Writing at indices: scatter, index_put, index_add, index_copy, index_fill, put and their reductions.
#include <ATen/ExpandUtils.h>
#include <ATen/MemoryOverlap.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_add_meta.h>
#include <ATen/ops/index_copy_meta.h>
#include <ATen/ops/index_reduce_meta.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/scatter_add_meta.h>
#include <ATen/ops/scatter_meta.h>
#include <ATen/ops/scatter_reduce_meta.h>
#include <ATen/ops/zeros_like.h>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include "csrc/core/structured.h"
#include "csrc/ops/indexing.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;

Tensor filled(const Tensor& like, const c10::Scalar& value) {
  return at::full({}, value, like.options());
}

// A caller's number, in the range that `like` stores.
Tensor given(const Tensor& like, const c10::Scalar& value) {
  stored_argument(value, dtype_of(like.scalar_type()));
  return filled(like, value);
}

void start_from(const Tensor& self, Tensor& out) {
  resize_out(out, self.sizes(), self.scalar_type());
  if (!out.is_same(self)) out.copy_(self);
}

void require_scatter(const char* name, const Tensor& self, const Tensor& index, const Tensor& source) {
  TORCH_CHECK(self.scalar_type() == source.scalar_type(), name, "(): Expected self.dtype to be equal to src.dtype");
  TORCH_CHECK(index.numel() == 0 || index.scalar_type() == c10::kLong || index.scalar_type() == c10::kInt, name,
              "(): Expected dtype int64 for index");
}

// `source` restricted to the index's sizes; a tensor without axes broadcasts.
TensorView source_view(const Tensor& source, const TensorView& space) {
  if (source.dim() == 0) return broadcast_to(view_of(source), space.shape());
  TensorView view = view_of(source);
  view.sizes = space.sizes;
  return view;
}

void scatter_into(const Tensor& out, int64_t dim, const Tensor& index, const Tensor& source, ScatterKind kind) {
  if (index.numel() == 0) return;
  Indexed indexed = index_each(out, dim, as_index(index));
  indexed.scatter_from(out, kind, source_view(source, indexed.addresses.base));
}

Tensor& scatter_src_out(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source, Tensor& out) {
  require_scatter("scatter", self, index, source);
  start_from(self, out);
  scatter_into(out, dim, index, source, ScatterKind::kAssign);
  return out;
}

Tensor& scatter_value_out(const Tensor& self, int64_t dim, const Tensor& index, const c10::Scalar& value, Tensor& out) {
  start_from(self, out);
  scatter_into(out, dim, index, given(self, value), ScatterKind::kAssign);
  return out;
}

ScatterKind old_kind(std::string_view reduce) {
  TORCH_CHECK(reduce == "add" || reduce == "multiply", "reduce argument must be either add or multiply.");
  return reduce == "add" ? ScatterKind::kAdd : ScatterKind::kMultiply;
}

Tensor& scatter_reduce_old_out(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source,
                               std::string_view reduce, Tensor& out) {
  require_scatter("scatter", self, index, source);
  start_from(self, out);
  scatter_into(out, dim, index, source, old_kind(reduce));
  return out;
}

Tensor& scatter_value_reduce_out(const Tensor& self, int64_t dim, const Tensor& index, const c10::Scalar& value,
                                 std::string_view reduce, Tensor& out) {
  start_from(self, out);
  scatter_into(out, dim, index, given(self, value), old_kind(reduce));
  return out;
}

// Sums, products and counts of f16 and bf16 are kept in f32 on their way, as PyTorch's CPU keeps them in scatter_add
// and scatter_reduce.
template <class F>
void in_single_precision(Tensor& out, const Tensor& source, ScatterKind kind, F&& scatter) {
  c10::ScalarType type = scalar_type_of(frontend::accumulation_type(kind, dtype_of(out.scalar_type())));
  if (type == out.scalar_type()) return scatter(out, source);
  Tensor wide = out.to(type);
  scatter(wide, source.to(type));
  out.copy_(wide);
}

Tensor& scatter_add_out(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source, Tensor& out) {
  require_scatter("scatter", self, index, source);
  start_from(self, out);
  in_single_precision(out, source, ScatterKind::kAdd, [&](Tensor& target, const Tensor& values) {
    scatter_into(target, dim, index, values, ScatterKind::kAdd);
  });
  return out;
}

// --- reductions with a name
// ----------------------------------------------------------------------------------------------

struct Reducer {
  ScatterKind kind;
  bool mean;
};

Reducer reducer_of(std::string_view name) {
  if (name == "sum") return {ScatterKind::kAdd, false};
  if (name == "mean") return {ScatterKind::kAdd, true};
  if (name == "prod") return {ScatterKind::kMultiply, false};
  if (name == "amax") return {ScatterKind::kMax, false};
  TORCH_CHECK(name == "amin", "reduce argument must be either sum, prod, mean, amax or amin, got ", name, ".");
  return {ScatterKind::kMin, false};
}

// What changes nothing under the reduction.
Tensor identity_of(ScatterKind kind, const Tensor& like) {
  DType dtype = dtype_of(like.scalar_type());
  lineshaft::Scalar number = scatter_identity(kind, dtype);
  return filled(like, is_float(dtype) ? c10::Scalar(number.as_double()) : c10::Scalar(number.as_int()));
}

// scatter(kind, source) is a function that scatters into a tensor shaped like `out`.
template <class F>
void reduce_scattered(Tensor& out, Reducer reducer, bool include_self, const Tensor& source, F&& scatter) {
  if (!include_self) scatter(out, ScatterKind::kAssign, identity_of(reducer.kind, out));
  scatter(out, reducer.kind, source);
  if (!reducer.mean) return;
  Tensor count = include_self ? at::ones_like(out) : at::zeros_like(out);
  scatter(count, ScatterKind::kAdd, filled(count, 1));
  count.masked_fill_(count.eq(0), 1);
  if (c10::isFloatingType(out.scalar_type()))
    out.div_(count);
  else
    out.div_(count, "floor");
}

Tensor& scatter_reduce_out(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source,
                           std::string_view reduce, bool include_self, Tensor& out) {
  require_scatter("scatter_reduce", self, index, source);
  start_from(self, out);
  if (index.numel() == 0) return out;
  Reducer reducer = reducer_of(reduce);
  in_single_precision(out, source, reducer.kind, [&](Tensor& target, const Tensor& from) {
    reduce_scattered(target, reducer, include_self, from, [&](Tensor& into, ScatterKind kind, const Tensor& values) {
      scatter_into(into, dim, index, values, kind);
    });
  });
  return out;
}

// --- along one axis with one vector of indices
// ----------------------------------------------------------------------------

void scatter_slices(const Tensor& out, int64_t dim, const Tensor& index, const Tensor& source, ScatterKind kind) {
  if (index.numel() == 0) return;
  Indexed indexed = index_slices(out, dim, as_index(index));
  if (out.numel() == 0) return;
  Tensor values = source.dim() == 0 || out.dim() == 0 ? source.reshape({}) : source;
  indexed.scatter_from(out, kind, broadcast_to(view_of(values), indexed.space()));
}

Tensor& index_add_out(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source,
                      const c10::Scalar& alpha, Tensor& out) {
  require_scatter("index_add", self, index, source);
  stored_argument(alpha, dtype_of(self.scalar_type()));
  start_from(self, out);
  if (out.numel() == 0) {  // PyTorch looks at no index then, but for vectors
    TORCH_CHECK_INDEX(self.dim() > 1 || index.numel() == 0, "index out of range in self");
    return out;
  }
  // PyTorch takes alpha as a number of the tensors' type, so 1.5 is 1 for integers.
  c10::Scalar factor = self.scalar_type() == c10::kBool                 ? c10::Scalar(alpha.toBool())
                       : c10::isIntegralType(self.scalar_type(), false) ? c10::Scalar(alpha.to<int64_t>())
                                                                        : alpha;
  scatter_slices(out, dim, index, factor.equal(1) ? source : source.mul(factor), ScatterKind::kAdd);
  return out;
}

Tensor& index_copy_out(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source, Tensor& out) {
  require_scatter("index_copy", self, index, source);
  start_from(self, out);
  scatter_slices(out, dim, index, source, ScatterKind::kAssign);
  return out;
}

Tensor& index_fill_with(Tensor& self, int64_t dim, const Tensor& index, const Tensor& fill) {
  TORCH_CHECK_INDEX(index.scalar_type() == c10::kLong, "index_fill_(): Expected dtype int64 for index.");
  Indexed indexed = index_slices(self, dim, index);
  indexed.addresses.wrap = true;
  if (self.numel() > 0) indexed.scatter_from(self, ScatterKind::kAssign, broadcast_to(view_of(fill), indexed.space()));
  return self;
}

Tensor& index_fill_scalar(Tensor& self, int64_t dim, const Tensor& index, const c10::Scalar& value) {
  return index_fill_with(self, dim, index, given(self, value));
}

Tensor& index_fill_tensor(Tensor& self, int64_t dim, const Tensor& index, const Tensor& value) {
  TORCH_CHECK(value.dim() == 0, "index_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
              value.dim(), " dimension(s).");
  return index_fill_with(self, dim, index, value.to(self.device(), self.scalar_type()));
}

Tensor& index_reduce_out(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& source,
                         std::string_view reduce, bool include_self, Tensor& out) {
  require_scatter("index_reduce", self, index, source);
  start_from(self, out);
  if (index.numel() == 0) return out;
  Reducer reducer = reducer_of(reduce);
  in_single_precision(out, source, reducer.kind, [&](Tensor& target, const Tensor& from) {
    reduce_scattered(target, reducer, include_self, from, [&](Tensor& into, ScatterKind kind, const Tensor& values) {
      scatter_slices(into, dim, index, values, kind);
    });
  });
  return out;
}

// --- advanced indexing
// ------------------------------------------------------------------------------------------------------

// The mask, where that is all there is: PyTorch fills by a mask with a number of any dtype.
std::optional<Tensor> only_mask(const Tensor& self, const c10::List<std::optional<Tensor>>& indices) {
  if (indices.size() != 1 || !indices.get(0).has_value()) return std::nullopt;
  Tensor mask = *indices.get(0);
  bool bits = mask.defined() && (mask.scalar_type() == c10::kBool || mask.scalar_type() == c10::kByte);
  if (!bits || mask.device() != self.device() || mask.dim() > self.dim()) return std::nullopt;
  if (mask.sizes() != self.sizes().slice(0, mask.dim())) return std::nullopt;
  for (int64_t i = mask.dim(); i < self.dim(); ++i) mask = mask.unsqueeze(-1);
  return mask.to(c10::kBool);
}

Tensor& index_put_impl(Tensor& self, const c10::List<std::optional<Tensor>>& indices, const Tensor& values,
                       bool accumulate, bool) {
  if (!accumulate && values.numel() == 1 && values.scalar_type() != self.scalar_type())
    if (auto mask = only_mask(self, indices)) return self.masked_fill_(*mask, values.reshape({}).to(self.options()));
  TORCH_CHECK(self.scalar_type() == values.scalar_type(),
              "Index put requires the source and destination dtypes match, got ", c10::toString(self.scalar_type()),
              " for the destination and ", c10::toString(values.scalar_type()), " for the source.");
  Advanced advanced = index_advanced(self, indices);
  Tensor source = values.device() == self.device() ? values : values.to(self.device());
  TORCH_CHECK(at::is_expandable_to(source.sizes(), advanced.sizes), "shape mismatch: value tensor of shape ",
              source.sizes(), " cannot be broadcast to indexing result of shape ", at::IntArrayRef(advanced.sizes));
  source = source.expand(advanced.sizes);
  Tensor keep;
  TensorView view = in_space(source, advanced.indexed.space(), keep);
  if (view.buffer == advanced.indexed.addresses.base.buffer) {
    keep = source.clone(at::MemoryFormat::Contiguous);
    view = *reshaped(view_of(keep), advanced.indexed.space());
  }
  advanced.indexed.scatter_from(self, accumulate ? ScatterKind::kAdd : ScatterKind::kAssign, view);
  return self;
}

Tensor& put_(Tensor& self, const Tensor& index, const Tensor& source, bool accumulate) {
  TORCH_CHECK(index.scalar_type() == c10::kLong, "put_(): Expected a long tensor for index, but got ",
              c10::toString(index.scalar_type()));
  TORCH_CHECK(self.scalar_type() == source.scalar_type(), "put_(): self and source expected to have the same dtype");
  TORCH_CHECK_INDEX(index.numel() == source.numel(),
                    "put_(): Expected source and index to have the same number of elements, but got source.numel() = ",
                    source.numel(), ", index.numel() = ", index.numel());
  at::assert_no_overlap(self, index);
  at::assert_no_overlap(self, source);
  Tensor flat = self.contiguous().reshape({-1});
  Indexed indexed = index_slices(flat, 0, index.reshape({-1}));
  indexed.addresses.wrap = true;
  Tensor values = source.contiguous().reshape({-1});
  indexed.scatter_from(self, accumulate ? ScatterKind::kAdd : ScatterKind::kAssign, view_of(values));
  if (!flat.is_alias_of(self)) self.copy_(flat.view(self.sizes()));
  return self;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement_checked<structured_scatter_src, &scatter_src_out>(m, "scatter.src", "scatter.src_out");
  implement_checked<structured_scatter_value, &scatter_value_out>(m, "scatter.value", "scatter.value_out");
  implement_checked<structured_scatter_reduce, &scatter_reduce_old_out>(m, "scatter.reduce", "scatter.reduce_out");
  implement_checked<structured_scatter_value_reduce, &scatter_value_reduce_out>(m, "scatter.value_reduce",
                                                                                "scatter.value_reduce_out");
  implement_checked<structured_scatter_add, &scatter_add_out>(m, "scatter_add", "scatter_add.out");
  implement_checked<structured_scatter_reduce_two, &scatter_reduce_out>(m, "scatter_reduce.two",
                                                                        "scatter_reduce.two_out");
  implement_checked<structured_index_add, &index_add_out>(m, "index_add", "index_add.out");
  implement_checked<structured_index_copy, &index_copy_out>(m, "index_copy", "index_copy.out");
  implement<&index_fill_scalar>(m, "index_fill_.int_Scalar");
  implement<&index_fill_tensor>(m, "index_fill_.int_Tensor");
  implement_checked<structured_index_reduce, &index_reduce_out>(m, "index_reduce", "index_reduce.out");
  implement<&index_put_impl>(m, "_index_put_impl_");
  implement<&put_>(m, "put_");
}

}  // namespace lineshaft::torch
