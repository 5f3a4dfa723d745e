// Sorting and what follows from it: sort, topk, kthvalue, median, mode, searchsorted, isin.
#include <ATen/MemoryOverlap.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "csrc/core/kernel.h"
#include "csrc/ops/indexing.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;

int64_t wrapped(int64_t dim, const Tensor& self) {
  return at::maybe_wrap_dim(dim, self.dim());
}

void record_sort(const Tensor& self, int64_t dim, bool descending, const Tensor& values, const Tensor& indices) {
  int64_t axis = wrapped(dim, self);
  if (self.numel() == 0) return;
  Sort op;
  op.axis = static_cast<int32_t>(axis);
  op.descending = descending;
  op.input = view_of(at_least_1d(self));
  op.values = view_of(at_least_1d(values));
  op.indices = view_of(at_least_1d(indices));
  stream_of(self).record(op);
}

std::tuple<Tensor, Tensor> sort_stable(const Tensor& self, std::optional<bool>, int64_t dim, bool descending) {
  Tensor values = torch::empty_like(self), indices = torch::empty_like(self, c10::kLong);
  record_sort(self, dim, descending, values, indices);
  return {values, indices};
}

std::tuple<Tensor&, Tensor&> sort_stable_out(const Tensor& self, std::optional<bool>, int64_t dim, bool descending,
                                             Tensor& values, Tensor& indices) {
  resize_out(values, self.sizes(), self.scalar_type());
  resize_out(indices, self.sizes(), c10::kLong);
  record_sort(self.is_alias_of(values) ? self.clone() : self, dim, descending, values, indices);
  return {values, indices};
}

std::tuple<Tensor&, Tensor&> topk_out(const Tensor& self, int64_t k, int64_t dim, bool largest, bool, Tensor& values,
                                      Tensor& indices) {
  int64_t axis = wrapped(dim, self), size = self.dim() ? self.size(axis) : 1;
  TORCH_CHECK(k >= 0 && k <= size, "selected index k out of range");
  auto sizes = self.sizes().vec();
  if (self.dim()) sizes[axis] = k;
  resize_out(values, sizes, self.scalar_type());
  resize_out(indices, sizes, c10::kLong);
  if (values.numel() == 0) return {values, indices};
  TopK op;
  op.axis = static_cast<int32_t>(axis);
  op.largest = largest;
  op.input = view_of(at_least_1d(self));
  op.values = view_of(at_least_1d(values));
  op.indices = view_of(at_least_1d(indices));
  stream_of(self).record(op);
  return {values, indices};
}

std::tuple<Tensor&, Tensor&> kthvalue_out(const Tensor& self, int64_t k, int64_t dim, bool keepdim, Tensor& values,
                                          Tensor& indices) {
  at::assert_no_overlap(self, values);
  Tensor input = at_least_1d(self);
  int64_t axis = wrapped(dim, self);
  TORCH_CHECK_INDEX(input.size(axis) > 0, "kthvalue(): Expected reduction dim ", axis, " to have non-zero size.");
  TORCH_CHECK(k >= 1 && k <= input.size(axis), "kthvalue(): selected number k out of range for dimension ", axis);
  auto [sorted, order] = sort_stable(input, true, axis, false);
  Tensor value = sorted.narrow(axis, k - 1, 1), index = order.narrow(axis, k - 1, 1);
  if (!keepdim || self.dim() == 0) {
    value = value.squeeze(axis);
    index = index.squeeze(axis);
  }
  return {store_out(value, values), store_out(index, indices)};
}

// The lower middle of the sorted values; with NaN among them NaN, unless ignored. Where there are NaNs they sort last.
std::tuple<Tensor, Tensor> median_along(const Tensor& self, int64_t axis, bool ignore_nan) {
  auto [sorted, order] = sort_stable(self, true, axis, false);
  int64_t size = self.size(axis);
  Tensor middle = at::full({}, (size - 1) / 2, order.options());
  if (c10::isFloatingType(self.scalar_type())) {
    Tensor nan = sorted.ne(sorted);
    Tensor present = nan.logical_not().sum({axis}, true);
    if (ignore_nan) {
      middle = present.sub(1).clamp_min(0).div(2, "floor");
    } else {
      middle = at::where(present.lt(size), present, middle);
    }
  }
  auto sizes = self.sizes().vec();
  sizes[axis] = 1;
  middle = middle.expand(sizes);
  return {sorted.gather(axis, middle), order.gather(axis, middle)};
}

template <bool ignore_nan>
std::tuple<Tensor&, Tensor&> median_dim_out(const Tensor& self, int64_t dim, bool keepdim, Tensor& values,
                                            Tensor& indices) {
  Tensor input = at_least_1d(self);
  int64_t axis = wrapped(dim, self);
  TORCH_CHECK_INDEX(input.size(axis) > 0, "median(): Expected reduction dim ", axis, " to have non-zero size.");
  auto [value, index] = median_along(input, axis, ignore_nan);
  if (!keepdim || self.dim() == 0) {
    value = value.squeeze(axis);
    index = index.squeeze(axis);
  }
  return {store_out(value, values), store_out(index, indices)};
}

template <bool ignore_nan>
Tensor median_all(const Tensor& self) {
  // What the CPU's cast makes of NaN, for integers too.
  if (self.numel() == 0) {
    if (self.scalar_type() == c10::kLong) return at::full({}, std::numeric_limits<int64_t>::min(), self.options());
    if (self.scalar_type() == c10::kInt) return at::full({}, std::numeric_limits<int32_t>::min(), self.options());
    if (!c10::isFloatingType(self.scalar_type()))
      return at::full({}, self.scalar_type() == c10::kBool ? 1 : 0, self.options());
    return at::full({}, std::nan(""), self.options());
  }
  return std::get<0>(median_along(self.reshape({-1}), 0, ignore_nan)).squeeze(0);
}

// --- mode
// ------------------------------------------------------------------------------------------------------------------

// The value that is there most often, the least of such, and where it stands last. Each place of the sorted values
// counts how many equal ones end there.
std::tuple<Tensor, Tensor> mode_along(const Tensor& self, int64_t dim, bool keepdim) {
  Tensor input = at_least_1d(self);
  int64_t axis = wrapped(dim, self), size = input.size(axis);
  TORCH_CHECK_INDEX(size > 0 || input.numel() > 0, "mode(): Expected reduction dim ", axis, " to have non-zero size.");
  auto [sorted, order] = sort_stable(input, true, axis, false);
  c10::SmallVector<int64_t, 8> along(input.dim(), 1);
  along[axis] = size;
  Tensor place = at::arange(size, order.options()).view(along);
  Tensor begin = at::zeros_like(order);
  if (size > 1) {
    Tensor starts = sorted.narrow(axis, 1, size - 1).ne(sorted.narrow(axis, 0, size - 1));
    begin.narrow(axis, 1, size - 1).copy_(at::where(starts, place.narrow(axis, 1, size - 1), 0));
    begin = std::get<0>(begin.cummax(axis));
  }
  Tensor best = place.sub(begin).argmax(axis, true);
  Tensor value = sorted.gather(axis, best), index = order.gather(axis, best);
  if (!keepdim || self.dim() == 0) {
    value = value.squeeze(axis);
    index = index.squeeze(axis);
  }
  return {value, index};
}

std::tuple<Tensor&, Tensor&> mode_out(const Tensor& self, int64_t dim, bool keepdim, Tensor& values, Tensor& indices) {
  auto [found, places] = mode_along(self, dim, keepdim);
  return {store_out(found, values), store_out(places, indices)};
}

// --- positions in sorted boundaries
// ----------------------------------------------------------------------------------------

// The rows of the last axis in one axis.
Tensor flat_rows(const Tensor& tensor) {
  return tensor.dim() == 1 ? tensor : tensor.flatten(0, -2);
}

// For each value, how many of the boundaries (of its row, or of one row for all) lie below it, or with `right` at or
// below it.
Tensor search(const Tensor& boundaries, const Tensor& values, bool right, c10::ScalarType counts) {
  if (boundaries.size(-1) == 0 || values.numel() == 0) return at::zeros(values.sizes(), values.options().dtype(counts));
  if (values.dim() > kMaxRank)
    return search(flat_rows(boundaries), flat_rows(values), right, counts).view(values.sizes());
  Tensor out = empty(values.sizes(), counts, boundaries.device().index());
  frontend::record_search(stream_of(boundaries), view_of(boundaries), view_of(values), right, view_of(out));
  return out;
}

Tensor count_below(const Tensor& boundaries, const Tensor& values, bool right, bool int32) {
  TORCH_CHECK(!int32 || boundaries.size(-1) < std::numeric_limits<int>::max(),
              "torch.searchsorted(): the size of boundaries' last dimension should be less than ",
              std::numeric_limits<int>::max(), ", but we got ", boundaries.size(-1));
  auto type = at::result_type(boundaries, values);
  return search(boundaries.to(type), values.to(type), right, int32 ? c10::kInt : c10::kLong);
}

bool is_right(bool right, const std::optional<std::string_view>& side) {
  if (!side.has_value()) return right;
  TORCH_CHECK(*side == "left" || *side == "right", "torch.searchsorted(): side can only be 'left' or 'right' but got ",
              *side);
  TORCH_CHECK(!(right && *side == "left"),
              "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True");
  return *side == "right";
}

Tensor search_sorted(const Tensor& sequence, const Tensor& self, bool int32, bool right,
                     std::optional<std::string_view> side, const std::optional<Tensor>& sorter) {
  TORCH_CHECK(
      self.dim() > 0 || sequence.dim() == 1,
      "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got "
      "boundaries tensor dim(",
      sequence.dim(), ") and input value's dim(0) numel(1)");
  TORCH_CHECK(sequence.dim() != 0,
              "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension");
  TORCH_CHECK(sequence.dim() == 1 || (sequence.dim() == self.dim() && sequence.sizes().slice(0, sequence.dim() - 1) ==
                                                                          self.sizes().slice(0, self.dim() - 1)),
              "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries "
              "tensor and input value tensor must match, but we got boundaries tensor ",
              sequence.sizes(), " and input value tensor ", self.sizes());
  if (present(sorter)) {
    TORCH_CHECK(sequence.sizes() == sorter->sizes(),
                "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ",
                sequence.sizes(), " and got sorter tensor ", sorter->sizes());
    TORCH_CHECK(sorter->scalar_type() == c10::kLong,
                "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ", sorter->scalar_type());
  }
  Tensor sorted = present(sorter) ? sequence.gather(-1, *sorter) : sequence;
  return count_below(sorted, self, is_right(right, side), int32);
}

Tensor searchsorted_scalar(const Tensor& sequence, const c10::Scalar& self, bool int32, bool right,
                           std::optional<std::string_view> side, const std::optional<Tensor>& sorter) {
  return search_sorted(sequence, at::full({}, self, sequence.options().dtype(at::result_type(sequence, self))), int32,
                       right, side, sorter);
}

Tensor bucketize(const Tensor& self, const Tensor& boundaries, bool int32, bool right) {
  TORCH_CHECK(boundaries.dim() == 1, "boundaries tensor must be 1 dimension, but got dim(", boundaries.dim(), ")");
  return count_below(boundaries, self, right, int32);
}

Tensor& isin_out(const Tensor& elements, const Tensor& tests, bool, bool invert, Tensor& out) {
  resize_out(out, elements.sizes(), c10::kBool);
  Tensor found = elements.unsqueeze(-1).eq(tests.reshape({-1})).any(-1);
  return out.copy_(invert ? found.logical_not() : found);
}

Tensor& isin_number_out(const Tensor& elements, const c10::Scalar& test, bool, bool invert, Tensor& out) {
  resize_out(out, elements.sizes(), c10::kBool);
  return out.copy_(invert ? elements.ne(test) : elements.eq(test));
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&sort_stable>(m, "sort.stable");
  implement<&sort_stable_out>(m, "sort.values_stable");
  implement<&topk_out>(m, "topk.values");
  implement<&kthvalue_out>(m, "kthvalue.values");
  implement<&median_all<false>>(m, "median");
  implement<&median_all<true>>(m, "nanmedian");
  implement<&median_dim_out<false>>(m, "median.dim_values");
  implement<&median_dim_out<true>>(m, "nanmedian.dim_values");
  implement<&mode_along>(m, "mode");
  implement<&mode_out>(m, "mode.values");
  implement<&search_sorted>(m, "searchsorted.Tensor");
  implement<&searchsorted_scalar>(m, "searchsorted.Scalar");
  implement<&bucketize>(m, "bucketize.Tensor");
  implement<&isin_out>(m, "isin.Tensor_Tensor_out");
  implement<&isin_number_out>(m, "isin.Tensor_Scalar_out");
}

}  // namespace lineshaft::torch
