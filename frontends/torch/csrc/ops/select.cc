// Choosing and arranging elements: where, masked_fill, cat, flip, tril and triu.
#include <ATen/ExpandUtils.h>
#include <ATen/MemoryOverlap.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/WrapDimUtilsMulti.h>
#include <ATen/native/TypeProperties.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/tril.h>
#include <ATen/ops/triu.h>

#include <algorithm>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/concatenation.h>
#include <lineshaft/frontend/formulas/selection.h>
#include <lineshaft/frontend/indexing.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

using at::Tensor;
using c10::ScalarType;

// --- where
// -------------------------------------------------------------------------------------------------------------------

// Tensors without axes on the CPU take part as scalars do elsewhere in PyTorch.
Tensor here(const Tensor& tensor, c10::Device device) {
  if (tensor.device() == device) return tensor;
  TORCH_CHECK(tensor.dim() == 0 && tensor.is_cpu(),
              "Expected all tensors to be on the same device, but found at least two devices, ", device, " and ",
              tensor.device(), "!");
  return tensor.to(device);
}

c10::Device device_of(const Tensor& a, const Tensor& b, const Tensor& c) {
  return on_device(a) ? a.device() : on_device(b) ? b.device() : c.device();
}

void record_where(const Tensor& condition, const Tensor& self, const Tensor& other, const Tensor& out) {
  TORCH_CHECK(condition.scalar_type() == c10::kBool || condition.scalar_type() == c10::kByte,
              "where expected condition to be a boolean tensor, but got a tensor with dtype ",
              c10::toString(condition.scalar_type()));
  ProgramRef program = formulas::where_program(dtype_of(condition.scalar_type()), dtype_of(self.scalar_type()),
                                               dtype_of(other.scalar_type()), dtype_of(out.scalar_type()));
  record_map(program, {&out}, {&condition, &self, &other});
}

Tensor where_self(const Tensor& condition_given, const Tensor& self_given, const Tensor& other_given) {
  auto device = device_of(condition_given, self_given, other_given);
  ScalarType type = at::result_type(self_given, other_given);
  Tensor condition = here(condition_given, device), self = here(self_given, device), other = here(other_given, device);
  auto sizes = at::infer_size(at::infer_size(condition.sizes(), self.sizes()), other.sizes());
  const Tensor* inputs[] = {&condition, &self, &other};
  Tensor out = empty_result(sizes, type, inputs);
  record_where(condition, self, other, out);
  return out;
}

Tensor& where_self_out(const Tensor& condition, const Tensor& self, const Tensor& other, Tensor& out) {
  auto device = device_of(condition, self, other);
  auto sizes = at::infer_size(at::infer_size(condition.sizes(), self.sizes()), other.sizes());
  const Tensor* inputs[] = {&condition, &self, &other};
  resize_result(out, sizes, at::result_type(self, other), Stored::kExactly, inputs);
  record_where(here(condition, device), here(self, device), here(other, device), out);
  return out;
}

// --- masked_fill
// ---------------------------------------------------------------------------------------------------------------

void require_mask(const Tensor& mask) {
  TORCH_CHECK(mask.scalar_type() == c10::kBool, "masked_fill_ only supports boolean masks, but got mask with dtype ",
              c10::toString(mask.scalar_type()));
}

void record_fill(const Tensor& self, const Tensor& mask, const c10::Scalar& value, const Tensor& out) {
  DType type = dtype_of(self.scalar_type());
  lineshaft::Scalar args[] = {stored_argument(value, type)};
  record_map(formulas::masked_fill_program(dtype_of(mask.scalar_type()), type), {&out}, {&self, &mask}, args);
}

Tensor& masked_fill_scalar_(Tensor& self, const Tensor& mask, const c10::Scalar& value) {
  require_mask(mask);
  at::infer_size(self.sizes(), mask.sizes());
  record_fill(self, mask, value, self);
  return self;
}

Tensor masked_fill_scalar(const Tensor& self, const Tensor& mask, const c10::Scalar& value) {
  require_mask(mask);
  auto sizes = at::infer_size(self.sizes(), mask.sizes());
  const Tensor* inputs[] = {&self, &mask};
  Tensor out = empty_result(sizes, self.scalar_type(), inputs);
  record_fill(self, mask, value, out);
  return out;
}

Tensor& masked_fill_tensor_(Tensor& self, const Tensor& mask, const Tensor& value) {
  require_mask(mask);
  TORCH_CHECK(value.dim() == 0, "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
              value.dim(), " dimension(s).");
  if (value.is_cpu()) return masked_fill_scalar_(self, mask, value.item());
  DType type = dtype_of(self.scalar_type()), from = dtype_of(value.scalar_type());
  Tensor one = value.is_alias_of(self) ? value.clone() : value;
  record_map(formulas::masked_fill_from_program(dtype_of(mask.scalar_type()), type, from), {&self},
             {&self, &mask, &one});
  return self;
}

// --- cat
// -----------------------------------------------------------------------------------------------------------------------

bool is_skipped(const Tensor& tensor) {
  return tensor.dim() == 1 && tensor.size(0) == 0;
}

void require_joinable(std::span<const int64_t> sizes, const Tensor& tensor, int64_t dim, size_t number) {
  TORCH_CHECK(static_cast<int64_t>(sizes.size()) == tensor.dim(), "Tensors must have same number of dimensions: got ",
              sizes.size(), " and ", tensor.dim());
  for (int64_t i = 0; i < tensor.dim(); ++i)
    TORCH_CHECK(i == dim || sizes[i] == tensor.size(i), "Sizes of tensors must match except in dimension ", dim,
                ". Expected size ", sizes[i], " but got size ", tensor.size(i), " for tensor number ", number,
                " in the list.");
}

std::vector<int64_t> joined_sizes(const std::vector<Tensor>& tensors, int64_t dim) {
  c10::SmallVector<std::span<const int64_t>, 8> parts;
  for (size_t number = 0; number < tensors.size(); ++number) {
    if (is_skipped(tensors[number])) continue;
    parts.push_back(span_of(tensors[number].sizes()));
    require_joinable(parts[0], tensors[number], dim, number);
  }
  if (parts.empty()) return tensors[0].sizes().vec();
  Sizes sizes = frontend::joined_sizes({parts.data(), parts.size()}, static_cast<int>(dim));
  return {sizes.begin(), sizes.end()};
}

// Throws where PyTorch refuses an input that lies across its own part of `out`.
void require_parts_apart(const std::vector<Tensor>& tensors, int64_t dim, const Tensor& out) {
  int64_t at = 0;
  for (const Tensor& tensor : tensors) {
    if (is_skipped(tensor)) continue;
    Tensor part = out.narrow(dim, at, tensor.size(dim));
    at += tensor.size(dim);
    if (tensor.numel() == 0 || !tensor.is_alias_of(out)) continue;
    if (out.dim() > kMaxRank || overlap(view_of(tensor), view_of(part)) == Overlap::kPartial)
      at::assert_no_partial_overlap(part, tensor);
  }
}

void record_cat(const std::vector<Tensor>& tensors, int64_t dim, const Tensor& out) {
  if (out.numel() == 0) return;
  c10::SmallVector<frontend::TensorRef, 8> parts;
  for (const Tensor& tensor : tensors)
    if (tensor.numel() > 0) parts.push_back(ref_of(tensor));
  frontend::record_concatenation(stream_of(out), {parts.data(), parts.size()}, static_cast<int>(dim), ref_of(out));
}

std::vector<Tensor> listed(const at::ITensorListRef& given) {
  std::vector<Tensor> tensors;
  for (const Tensor& tensor : given) tensors.push_back(tensor);
  TORCH_CHECK(!tensors.empty(), "torch.cat(): expected a non-empty list of Tensors");
  for (size_t i = 0; i < tensors.size(); ++i) {
    TORCH_CHECK(tensors[i].dim() > 0, "zero-dimensional tensor (at position ", i, ") cannot be concatenated");
    require_device(tensors[i], tensors[0].device(), "tensors");
  }
  return tensors;
}

int64_t cat_dim(const std::vector<Tensor>& tensors, int64_t dim) {
  for (const Tensor& tensor : tensors)
    if (!is_skipped(tensor)) return at::maybe_wrap_dim(dim, tensor.dim());
  return 0;
}

ScalarType type_of(const std::vector<Tensor>& tensors) {
  at::native::ResultTypeState state;
  for (const Tensor& tensor : tensors) state = at::native::update_result_type_state(tensor, state);
  return at::native::result_type(state);
}

Tensor cat(const at::ITensorListRef& given, int64_t dim_given) {
  auto tensors = listed(given);
  int64_t dim = cat_dim(tensors, dim_given);
  bool channels_last = true;
  for (const Tensor& tensor : tensors)
    channels_last &= tensor.suggest_memory_format() == at::MemoryFormat::ChannelsLast;
  Tensor out = empty(joined_sizes(tensors, dim), type_of(tensors), tensors[0].device().index(),
                     channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
  record_cat(tensors, dim, out);
  return out;
}

Tensor& cat_out(const at::ITensorListRef& given, int64_t dim_given, Tensor& out) {
  auto tensors = listed(given);
  require_device(out, tensors[0].device(), "out");
  int64_t dim = cat_dim(tensors, dim_given);
  auto type = type_of(tensors);
  TORCH_CHECK_TYPE(c10::canCast(type, out.scalar_type()),
                   "torch.cat(): input types can't be cast to the desired output type ", out.scalar_type());
  // Vectors without elements are no part of the result: where all are, there is nothing to overlap.
  auto skipped = [](const Tensor& tensor) { return tensor.dim() == 1 && tensor.numel() == 0; };
  if (!std::all_of(tensors.begin(), tensors.end(), skipped))
    for (const Tensor& tensor : tensors) at::assert_no_overlap(out, tensor);
  resize_out(out, joined_sizes(tensors, dim), out.scalar_type());
  if (std::any_of(tensors.begin(), tensors.end(), [&](const Tensor& tensor) { return tensor.is_alias_of(out); }))
    require_parts_apart(tensors, dim, out);
  record_cat(tensors, dim, out);
  return out;
}

// --- flip
// ----------------------------------------------------------------------------------------------------------------------

Tensor flip(const Tensor& self, at::IntArrayRef dims) {
  Tensor out = torch::empty_like(self);
  auto flipped = at::dim_list_to_bitset(dims, self.dim());
  if (self.numel() == 0) return out;
  TORCH_CHECK(self.dim() <= kMaxRank, "lineshaft flips tensors of at most ", kMaxRank, " axes");
  TensorView inputs[] = {frontend::reversed(view_of(self), static_cast<uint32_t>(flipped.to_ulong()))};
  TensorView outputs[] = {view_of(out)};
  stream_of(self).record(Map{identity_program(outputs[0].dtype), inputs, outputs, {}});
  return out;
}

// --- triangles
// -------------------------------------------------------------------------------------------------------------------

template <bool lower>
Tensor& triangle_out(const Tensor& self, int64_t diagonal, Tensor& out) {
  TORCH_CHECK(self.dim() >= 2, lower ? "tril" : "triu", ": input tensor must have at least 2 dimensions");
  resize_out(out, self.sizes(), self.scalar_type());
  if (self.dim() > kMaxRank) {
    Tensor matrices = self.flatten(0, -3);
    return out.copy_((lower ? at::tril(matrices, diagonal) : at::triu(matrices, diagonal)).view(self.sizes()));
  }
  lineshaft::Scalar args[] = {lineshaft::Scalar::of(diagonal)};
  record_map(formulas::triangle_program(dtype_of(self.scalar_type()), lower, static_cast<int>(self.dim())), {&out},
             {&self}, args);
  return out;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&where_self>(m, "where.self");
  implement<&where_self_out>(m, "where.self_out");
  implement<&masked_fill_scalar>(m, "masked_fill.Scalar");
  implement<&masked_fill_scalar_>(m, "masked_fill_.Scalar");
  implement<&masked_fill_tensor_>(m, "masked_fill_.Tensor");
  implement<&cat>(m, "cat");
  implement<&cat_out>(m, "cat.out");
  implement<&flip>(m, "flip");
  implement<&triangle_out<true>>(m, "tril.out");
  implement<&triangle_out<false>>(m, "triu.out");
}

}  // namespace lineshaft::torch
