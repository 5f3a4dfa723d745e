// Values without repetition: of all elements, and of the slices along an axis.
#include <ATen/ATen.h>

#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;
using Three = std::tuple<Tensor, Tensor, Tensor>;

Tensor no_numbers(const Tensor& self) {
  return empty({0}, c10::kLong, self.device().index());
}

// --- runs: what stands together
// ----------------------------------------------------------------------------------------------------------

// Of places along an axis, each of which begins a run or goes on with it.
struct Runs {
  Tensor first;    // the place at which each run begins
  Tensor inverse;  // the number of each place's run
  int64_t places;

  explicit Runs(const Tensor& starts)
      : first(starts.nonzero().squeeze(1)), inverse(starts.cumsum(0).sub(1)), places(starts.numel()) {}
  Tensor counts() const {
    int64_t runs = first.numel();
    if (runs == 0) return first;
    Tensor ends = at::cat({first.narrow(0, 1, runs - 1), at::full({1}, places, first.options())});
    return ends.sub(first);
  }
};

// Which of the places along the first axis differ from the one before.
Tensor starts_of(const Tensor& values) {
  int64_t n = values.size(0);
  Tensor starts = at::ones({n}, values.options().dtype(c10::kBool));
  if (n < 2) return starts;
  Tensor differ = values.narrow(0, 1, n - 1).ne(values.narrow(0, 0, n - 1));
  if (differ.dim() > 1) differ = differ.reshape({n - 1, -1}).any(1);
  starts.narrow(0, 1, n - 1).copy_(differ);
  return starts;
}

Three unique_elements(const Tensor& self, bool need_inverse, bool need_counts) {
  auto [sorted, order] = self.reshape({-1}).sort(true, 0, false);
  Runs runs(starts_of(sorted));
  Tensor inverse = no_numbers(self);
  if (need_inverse) inverse = at::empty_like(runs.inverse).scatter_(0, order, runs.inverse).view(self.sizes());
  return {sorted.index_select(0, runs.first), inverse, need_counts ? runs.counts() : no_numbers(self)};
}

Three unique2(const Tensor& self, bool /*sorted*/, bool need_inverse, bool need_counts) {
  return unique_elements(self, need_inverse, need_counts);
}

std::tuple<Tensor, Tensor> unique(const Tensor& self, bool /*sorted*/, bool need_inverse) {
  auto [values, inverse, counts] = unique_elements(self, need_inverse, false);
  return {values, inverse};
}

// --- slices along an axis
// ----------------------------------------------------------------------------------------------------------

void check_sizes(const Tensor& self, int64_t dim) {
  for (int64_t i = 0; i < self.dim(); ++i)
    TORCH_CHECK(i == dim || self.size(i) > 0,
                "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
}

// The slices as rows.
Tensor rows_along(const Tensor& self, int64_t dim) {
  return self.movedim(dim, 0).reshape({self.size(dim), -1});
}

// Numbers that order each column's elements, alike for equal ones.
Tensor ranks_of_columns(const Tensor& columns) {
  int64_t n = columns.size(0);
  auto [sorted, order] = columns.sort(true, 0, false);
  Tensor ranks = at::zeros_like(order);
  if (n > 1) {
    Tensor differ = sorted.narrow(0, 1, n - 1).ne(sorted.narrow(0, 0, n - 1));
    ranks.narrow(0, 1, n - 1).copy_(differ);
    ranks = ranks.cumsum(0);
  }
  return at::empty_like(order).scatter_(0, order, ranks);
}

// Numbers that order the rows from their first element to their last. Neighbouring columns are joined, two ranks in one
// number, until one is left: a sort for each halving.
Tensor ranks_of_rows(const Tensor& rows) {
  Tensor ranks = ranks_of_columns(rows);
  for (int64_t n = rows.size(0); ranks.size(1) > 1;) {
    int64_t pairs = ranks.size(1) / 2;
    Tensor even = ranks.narrow(1, 0, pairs * 2).reshape({n, pairs, 2});
    Tensor joined = ranks_of_columns(even.select(2, 0).mul(n).add(even.select(2, 1)));
    ranks = ranks.size(1) % 2 ? at::cat({joined, ranks.narrow(1, pairs * 2, 1)}, 1) : joined;
  }
  return ranks.squeeze(1);
}

Three unique_dim(const Tensor& self, int64_t dim_given, bool /*sorted*/, bool need_inverse, bool need_counts) {
  int64_t dim = at::maybe_wrap_dim(dim_given, self.dim(), false);
  check_sizes(self, dim);
  if (self.size(dim) == 0) return {self.clone(), no_numbers(self), no_numbers(self)};
  auto [values, inverse, counts] = unique_elements(ranks_of_rows(rows_along(self, dim)), true, need_counts);
  Tensor place = at::arange(self.size(dim), inverse.options());
  Tensor first =
      at::full({values.numel()}, self.size(dim), inverse.options()).scatter_reduce_(0, inverse, place, "amin");
  return {self.index_select(dim, first), need_inverse ? inverse : no_numbers(self), counts};
}

Three unique_consecutive(const Tensor& self, bool need_inverse, bool need_counts, std::optional<int64_t> dim_given) {
  if (!dim_given.has_value()) {
    Tensor flat = self.reshape({-1});
    Runs runs(starts_of(flat));
    return {flat.index_select(0, runs.first), need_inverse ? runs.inverse.view(self.sizes()) : no_numbers(self),
            need_counts ? runs.counts() : no_numbers(self)};
  }
  int64_t dim = at::maybe_wrap_dim(*dim_given, self.dim(), false);
  check_sizes(self, dim);
  if (self.size(dim) == 0) return {self.clone(), no_numbers(self), no_numbers(self)};
  Runs runs(starts_of(rows_along(self, dim)));
  return {self.index_select(dim, runs.first), need_inverse ? runs.inverse : no_numbers(self),
          need_counts ? runs.counts() : no_numbers(self)};
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&unique2>(m, "_unique2");
  implement<&unique>(m, "_unique");
  implement<&unique_dim>(m, "unique_dim");
  implement<&unique_consecutive>(m, "unique_consecutive");
}

}  // namespace lineshaft::torch
