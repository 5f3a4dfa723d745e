// Reading at indices: gather, index_select, take, advanced indexing, masked_select and nonzero.
#include <ATen/ExpandUtils.h>
#include <ATen/MemoryOverlap.h>
#include <ATen/NativeFunctions.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/ops/gather_meta.h>

#include "csrc/core/kernel.h"
#include "csrc/core/structured.h"
#include "csrc/ops/indexing.h"
#include <lineshaft/frontend/positions.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;

// `out` gets its sizes and is recorded to. It overlaps none of what is read.
template <class F>
Tensor& through(const Tensor& self, std::initializer_list<Tensor> indices, at::IntArrayRef sizes, Tensor& out,
                F&& record) {
  at::assert_no_internal_overlap(out);
  resize_out(out, sizes, self.scalar_type());
  at::assert_no_overlap(out, self);
  for (const Tensor& index : indices) at::assert_no_overlap(out, index);
  if (out.numel()) record(out);  // an empty index may have more axes than what it indexes
  return out;
}

Tensor& gather_out(const Tensor& self, int64_t dim, const Tensor& index, bool, Tensor& out) {
  Indexed indexed = index_each(self, dim, as_index(index));
  return through(self, {index}, index.sizes(), out, [&](const Tensor& result) {
    Tensor keep;
    indexed.gather_into(self, in_space(result, indexed.space(), keep));
  });
}

std::vector<int64_t> selected_sizes(const Tensor& self, int64_t dim, const Tensor& index) {
  TORCH_CHECK_INDEX(index.dim() <= 1, "index_select(): Index is supposed to be a vector, but got dim: ", index.dim());
  require_index_dtype(index, "index_select()");
  TORCH_CHECK(self.dim() > 0 || index.numel() == 1, "index_select(): Index to scalar can have only 1 value, got ",
              index.numel(), " value(s)");
  std::vector<int64_t> sizes = self.sizes().vec();
  if (self.dim()) sizes[at::maybe_wrap_dim(dim, self.dim())] = index.numel();
  return sizes;
}

Tensor& index_select_out(const Tensor& self, int64_t dim, const Tensor& index, Tensor& out) {
  auto sizes = selected_sizes(self, dim, index);
  Indexed indexed = index_slices(self, dim, index);
  return through(self, {index}, sizes, out, [&](const Tensor& result) {
    indexed.gather_into(self, self.dim() ? view_of(result) : view_of(result.reshape({1})));
  });
}

Tensor index_select(const Tensor& self, int64_t dim, const Tensor& index) {
  Tensor out = empty(selected_sizes(self, dim, index), self.scalar_type(), self.device().index());
  return index_select_out(self, dim, index, out);
}

Tensor& take_out(const Tensor& self, const Tensor& index, Tensor& out) {
  TORCH_CHECK(index.scalar_type() == c10::kLong, "take(): Expected a long tensor for index, but got ",
              c10::toString(index.scalar_type()));
  Tensor flat = self.contiguous().reshape({-1});
  Indexed indexed = index_slices(flat, 0, index.reshape({-1}));
  indexed.addresses.wrap = true;
  return through(self, {index}, index.sizes(), out, [&](const Tensor& result) {
    Tensor keep;
    indexed.gather_into(self, in_space(result, indexed.space(), keep));
  });
}

Tensor take_at(const Tensor& self, const Tensor& index) {
  Tensor out = empty(index.sizes(), self.scalar_type(), self.device().index());
  return take_out(self, index, out);
}

Tensor& index_tensor_out(const Tensor& self, const c10::List<std::optional<Tensor>>& indices, Tensor& out) {
  Advanced advanced = index_advanced(self, indices);
  return through(self, {}, advanced.sizes, out, [&](const Tensor& result) {
    Tensor keep;
    advanced.indexed.gather_into(self, in_space(result, advanced.indexed.space(), keep));
  });
}

Tensor index_tensor(const Tensor& self, const c10::List<std::optional<Tensor>>& indices) {
  Advanced advanced = index_advanced(self, indices);
  Tensor out = empty(advanced.sizes, self.scalar_type(), self.device().index()), keep;
  advanced.indexed.gather_into(self, in_space(out, advanced.indexed.space(), keep));
  return out;
}

// --- results whose size is known only afterwards
// -------------------------------------------------------------------------

// The row-major numbers of the elements that are not 0. Waits, as their count is a size.
Tensor nonzero_positions(const Tensor& mask) {
  Tensor positions = empty({mask.numel()}, c10::kLong, mask.device().index());
  if (mask.numel() == 0) return positions;
  Tensor count = empty({1}, c10::kLong, mask.device().index());
  int64_t found = frontend::compact(stream_of(mask), view_of(mask), view_of(positions), view_of(count));
  return positions.narrow(0, 0, found);
}

Tensor nonzero_rows(const Tensor& self) {
  Tensor positions = nonzero_positions(self);
  Tensor out = empty({positions.size(0), self.dim()}, c10::kLong, self.device().index());
  if (out.numel() == 0) return out;
  frontend::record_coordinates(stream_of(out), ref_of(positions), span_of(self.sizes()), ref_of(out));
  return out;
}

Tensor& nonzero_out(const Tensor& self, Tensor& out) {
  return store_out(nonzero_rows(self), out);
}

Tensor select_masked(const Tensor& self, const Tensor& mask) {
  TORCH_CHECK(mask.scalar_type() == c10::kBool, "masked_select: expected BoolTensor for mask");
  auto sizes = at::infer_size(self.sizes(), mask.sizes());
  Tensor positions = nonzero_positions(mask.expand(sizes));
  return take_at(self.expand(sizes), positions);
}

Tensor& masked_select_out(const Tensor& self, const Tensor& mask, Tensor& out) {
  at::assert_no_internal_overlap(out);
  at::assert_no_overlap(out, self);
  at::assert_no_overlap(out, mask);
  return store_out(select_masked(self, mask), out);
}

// mask ? source[running number of the mask] : self
Tensor& masked_scatter_(Tensor& self, const Tensor& mask, const Tensor& source) {
  TORCH_CHECK(self.scalar_type() == source.scalar_type(),
              "masked_scatter_: expected self and source to have same dtypes but got ",
              c10::toString(self.scalar_type()), " and ", c10::toString(source.scalar_type()));
  TORCH_CHECK(mask.scalar_type() == c10::kBool, "masked_scatter_ only supports boolean masks, but got mask with dtype ",
              c10::toString(mask.scalar_type()));
  Tensor positions = nonzero_positions(mask.expand(self.sizes()));
  int64_t count = positions.size(0);
  TORCH_CHECK(count <= source.numel(), "masked_scatter_: expected source to have at least ", count, " elements, got ",
              source.numel());
  Tensor flat = self.contiguous().reshape({-1});
  Tensor values = source.contiguous().reshape({-1}).narrow(0, 0, count);
  index_slices(flat, 0, positions).scatter_from(self, ScatterKind::kAssign, view_of(values));
  if (!flat.is_alias_of(self)) self.copy_(flat.view(self.sizes()));
  return self;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_checked<at::meta::structured_gather, &gather_out>(m, "gather", "gather.out");
  implement<&index_select>(m, "index_select");
  implement<&index_select_out>(m, "index_select.out");
  implement<&take_at>(m, "take");
  implement<&take_out>(m, "take.out");
  implement<&index_tensor>(m, "index.Tensor");
  implement<&index_tensor_out>(m, "index.Tensor_out");
  implement<&nonzero_rows>(m, "nonzero");
  implement<&nonzero_out>(m, "nonzero.out");
  implement<&select_masked>(m, "masked_select");
  implement<&masked_select_out>(m, "masked_select.out");
  implement<&masked_scatter_>(m, "masked_scatter_");
}

}  // namespace lineshaft::torch
