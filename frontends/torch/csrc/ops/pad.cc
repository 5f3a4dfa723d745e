// Reflection and replication padding: one gather, whose indices along each padded axis a map computes; the gradient is
// the scatter back. (Constant padding PyTorch composes of a fill and a copy.)
#include "csrc/core/kernel.h"
#include "csrc/core/torch_version.h"
#include "csrc/ops/indexing.h"
#include <lineshaft/frontend/padding.h>

namespace lineshaft::torch {
namespace {

using Ints = c10::IntArrayRef;

using frontend::formulas::PadMode;

// Positions of the source for `size` positions of the result, `before` of which lie in front.
at::Tensor positions(PadMode mode, int64_t size, int64_t before, int64_t source_size, c10::DeviceIndex device) {
  at::Tensor result = empty({size}, at::kLong, device);
  frontend::record_pad_positions(stream_of(result), mode, before, source_size, ref_of(result));
  return result;
}

// The unpadded tensor's elements at the padded one's positions.
Indexed padded_positions(PadMode mode, int spatial, Ints padding, const at::Tensor& unpadded,
                         const at::Tensor& padded) {
  Indexed indexed;
  c10::SmallVector<TensorView, 3> views;
  int64_t first = unpadded.dim() - spatial;
  for (int i = 0; i < spatial; ++i) {
    int64_t axis = first + i;
    indexed.keep.push_back(positions(mode, padded.size(axis), padding[2 * (spatial - 1 - i)], unpadded.size(axis),
                                     padded.device().index()));
    views.push_back(view_of(indexed.keep.back()));
  }
  indexed.addresses = frontend::index_grid(view_of(unpadded), static_cast<int>(first), {views.data(), views.size()});
  return indexed;
}

template <PadMode mode, int spatial>
c10::DimVector padded_sizes(const at::Tensor& self, Ints padding) {
  TORCH_CHECK(padding.size() == 2 * spatial, "padding size is expected to be ", 2 * spatial,
              ", but got: ", padding.size());
  TORCH_CHECK(self.dim() == spatial + 1 || self.dim() == spatial + 2, "Expected ", spatial + 1, "D or ", spatial + 2,
              "D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ",
              self.sizes());
  c10::DimVector sizes(self.sizes());
  bool some = false;
  for (int i = 0; i < spatial; ++i) {
    int64_t axis = self.dim() - 1 - i, size = self.size(axis);
    TORCH_CHECK(size > 0, "Expected non-zero size on axis ", axis, " for input, but got: ", self.sizes());
    if (mode == PadMode::kReflect)
      TORCH_CHECK(padding[2 * i] < size && padding[2 * i + 1] < size,
                  "Argument #4: Padding size should be less than the corresponding input "
                  "dimension, but got: padding (",
                  padding[2 * i], ", ", padding[2 * i + 1], ") at dimension ", axis, " of input ", self.sizes());
    sizes[axis] += padding[2 * i] + padding[2 * i + 1];
    TORCH_CHECK(sizes[axis] >= (LINESHAFT_TORCH_FROM(14) ? 1 : 0), "input (size: ", size, ") is too small on axis ",
                axis, ". Calculated output size: ", sizes[axis]);
    some |= sizes[axis] >= 1;
  }
  // As PyTorch has it before 2.14: an axis may come to an end, not all of them.
  TORCH_CHECK(some, "input ", self.sizes(), " is too small. Calculated output sizes: ", c10::IntArrayRef(sizes));
  return sizes;
}

template <PadMode mode, int spatial>
struct Pad {
  static at::Tensor functional(const at::Tensor& self, Ints padding) {
    at::Tensor out = empty(padded_sizes<mode, spatial>(self, padding), self.scalar_type(), self.device().index());
    record(self, padding, out);
    return out;
  }
  static at::Tensor& out(const at::Tensor& self, Ints padding, at::Tensor& out) {
    resize_out(out, padded_sizes<mode, spatial>(self, padding), self.scalar_type());
    record(self, padding, out);
    return out;
  }
  static void record(const at::Tensor& self, Ints padding, const at::Tensor& out) {
    if (out.numel() == 0) return;
    padded_positions(mode, spatial, padding, self, out).gather_into(self, view_of(out));
  }
  static at::Tensor backward(const at::Tensor& grad, const at::Tensor& self, Ints padding) {
    at::Tensor grad_input = empty(self.sizes(), self.scalar_type(), self.device().index());
    grad_input.zero_();
    if (grad.numel() == 0) return grad_input;
    padded_positions(mode, spatial, padding, grad_input, grad).scatter_from(self, ScatterKind::kAdd, view_of(grad));
    return grad_input;
  }
};

template <PadMode mode, int spatial>
void implement_pad(::torch::Library& m, const std::string& name) {
  implement<&Pad<mode, spatial>::functional>(m, name.c_str());
  implement<&Pad<mode, spatial>::out>(m, (name + ".out").c_str());
  implement<&Pad<mode, spatial>::backward, Dtypes::kAlike>(m, (name + "_backward").c_str());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_pad<PadMode::kReflect, 1>(m, "reflection_pad1d");
  implement_pad<PadMode::kReflect, 2>(m, "reflection_pad2d");
  implement_pad<PadMode::kReflect, 3>(m, "reflection_pad3d");
  implement_pad<PadMode::kReplicate, 1>(m, "replication_pad1d");
  implement_pad<PadMode::kReplicate, 2>(m, "replication_pad2d");
  implement_pad<PadMode::kReplicate, 3>(m, "replication_pad3d");
}

}  // namespace
}  // namespace lineshaft::torch
