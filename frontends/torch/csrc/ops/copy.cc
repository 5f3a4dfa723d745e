// Copies: to the device, from it, between devices, and on it, with a change of dtype or layout. Conversions happen on
// the device.
#include <ATen/EmptyTensor.h>
#include <ATen/ops/_copy_from.h>
#include <ATen/ops/_local_scalar_dense.h>
#include <ATen/ops/empty_strided.h>

#include "csrc/core/fallback.h"
#include "csrc/core/graph.h"
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/formulas/selection.h>

namespace lineshaft::torch {
namespace {

int64_t byte_count(const at::Tensor& tensor) {
  return tensor.numel() * static_cast<int64_t>(tensor.itemsize());
}

// Same sizes, dtype and element order in memory, without gaps: one run of bytes each.
bool same_layout(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.is_non_overlapping_and_dense() &&
         (a.strides() == b.strides() || (a.is_contiguous() && b.is_contiguous())) && b.is_non_overlapping_and_dense();
}

void copy_on_device(const at::Tensor& from, const at::Tensor& to, bool negate) {
  if (!negate && same_layout(from, to) && from.is_alias_of(to) && from.storage_offset() == to.storage_offset()) return;
  DType source = dtype_of(from.scalar_type()), target = dtype_of(to.scalar_type());
  record_map(frontend::formulas::convert_program(source, target, negate), {&to}, {&from});
}

void write(const at::Tensor& target, const void* source) {
  TensorView view = view_of(target.as_strided({}, {}));
  stream_of(target).write(view.buffer, view.offset, source, byte_count(target));
}

void read(const at::Tensor& source, void* target) {
  check_host_copy();
  TensorView view = view_of(source.as_strided({}, {}));
  stream_of(source).read(view.buffer, view.offset, target, byte_count(source));
}

at::Tensor host_empty(const at::Tensor& like, c10::ScalarType type) {
  return at::empty_strided(like.sizes(), like.strides(), at::TensorOptions().dtype(type));
}

// A graph holds the values that host memory has when it is captured.
void require_constant(const at::Tensor& from, const at::Tensor& to) {
  if (!is_captured(to.device().index())) [[likely]]
    return;
  TORCH_CHECK(!from.is_pinned(),
              "a graph does not read pinned memory again when it is replayed. Copy it to a tensor of the device before "
              "each replay, outside of the graph");
  if (from.numel() > 1) {
    TORCH_WARN_ONCE(
        "a graph that is captured holds the values that a tensor of the CPU has now; a replay does not read "
        "it again. Copy what changes to a tensor of the device before each replay, outside of the graph");
  }
}

void upload(const at::Tensor& from, const at::Tensor& to) {
  bool direct = to.is_non_overlapping_and_dense() &&
                (from.scalar_type() == to.scalar_type() || !is_supported(from.scalar_type()));
  if (direct) {
    at::Tensor staged = same_layout(from, to) ? from : host_empty(to, to.scalar_type()).copy_(from);
    return write(to, staged.const_data_ptr());
  }
  at::Tensor dense = from.contiguous();
  if (!is_supported(dense.scalar_type())) dense = dense.to(to.scalar_type());
  at::Tensor arrived = empty(dense.sizes(), dense.scalar_type(), to.device().index());
  write(arrived, dense.const_data_ptr());
  copy_on_device(arrived, to, false);
}

void download(const at::Tensor& from, const at::Tensor& to, bool negate) {
  c10::ScalarType type = is_supported(to.scalar_type()) ? to.scalar_type() : from.scalar_type();
  at::Tensor source = from;
  if (negate || from.scalar_type() != type || !from.is_non_overlapping_and_dense()) {
    source = empty(from.sizes(), type, from.device().index());
    copy_on_device(from, source, negate);
  }
  if (same_layout(source, to)) return read(source, to.mutable_data_ptr());
  at::Tensor arrived = host_empty(source, type);
  read(source, arrived.mutable_data_ptr());
  to.copy_(arrived);
}

void copy_between_devices(const at::Tensor& from, const at::Tensor& to, bool negate) {
  TORCH_CHECK(!is_captured(to.device().index()), "a graph of ", to.device(), " does not read a tensor of ",
              from.device(), " again when it is replayed. Copy it before each replay, outside of the graph");
  at::Tensor source = from;
  if (negate || !same_layout(from, to)) {
    source = empty_strided(to.sizes(), to.strides(), to.scalar_type(), from.device().index());
    if (!source.is_non_overlapping_and_dense()) source = empty(to.sizes(), to.scalar_type(), from.device().index());
    copy_on_device(from, source, negate);
  }
  at::Tensor bounce =
      at::empty_strided(source.sizes(), source.strides(), at::TensorOptions().dtype(source.scalar_type()));
  read(source, bounce.mutable_data_ptr());
  if (same_layout(source, to)) return write(to, bounce.const_data_ptr());
  upload(bounce, to);
}

// PyTorch's copy_() of whatever has a lineshaft device on one side. The negative bit is handled here; the conjugate bit
// means nothing for real numbers.
at::Tensor copy_from(const at::Tensor& self, const at::Tensor& target, bool /*non_blocking*/) {
  if (target.numel() == 0) return target;
  at::Tensor source = self.sizes() == target.sizes() ? self : self.expand(target.sizes());
  bool negate = source.is_neg() != target.is_neg();
  if (!on_device(source)) {
    require_constant(source, target);
    at::Tensor host = source.resolve_neg();
    upload(target.is_neg() ? host.neg() : host, target);
  } else if (!on_device(target)) {
    download(source, target, negate);
  } else if (source.device() == target.device()) {
    copy_on_device(source, target, negate);
  } else {
    copy_between_devices(source, target, negate);
  }
  return target;
}

at::Tensor copy_from_and_resize(const at::Tensor& self, const at::Tensor& target) {
  if (self.sizes() != target.sizes()) target.resize_(self.sizes());
  return copy_from(self, target, false);
}

at::Scalar local_scalar_dense(const at::Tensor& self) {
  at::Tensor host(at::detail::empty_cpu({}, self.scalar_type()));
  read(self, host.mutable_data_ptr());
  return at::_local_scalar_dense(host);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&copy_from, Dtypes::kAny, Devices::kAny>(m, "_copy_from");
  implement<&copy_from_and_resize, Dtypes::kAny, Devices::kAny>(m, "_copy_from_and_resize");
  implement<&local_scalar_dense>(m, "_local_scalar_dense");
}

// A copy of a conjugate or negative view would otherwise resolve the view by a copy, without end.
TORCH_LIBRARY_IMPL(aten, Conjugate, m) {
  m.impl("_copy_from", ::torch::CppFunction::makeFallthrough());
}
TORCH_LIBRARY_IMPL(aten, Negative, m) {
  m.impl("_copy_from", ::torch::CppFunction::makeFallthrough());
}

}  // namespace lineshaft::torch
