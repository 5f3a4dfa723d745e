// Max unpooling, and max pooling over windows placed by random numbers.
#include <ATen/ops/fractional_max_pool2d_backward_meta.h>
#include <ATen/ops/fractional_max_pool2d_meta.h>
#include <ATen/ops/fractional_max_pool3d_meta.h>

#include "csrc/core/map.h"
#include "csrc/core/structured.h"
#include "csrc/ops/spatial.h"
#include <lineshaft/frontend/formulas/pooling.h>
#include <lineshaft/frontend/indexing.h>

namespace lineshaft::torch {
namespace {

using Ints = c10::IntArrayRef;

// target[n, c, indices[n, c, i]] op= source[n, c, i]; `target` is dense.
void scatter_planes(ScatterKind kind, int spatial, const at::Tensor& target, const at::Tensor& indices,
                    const at::Tensor& source) {
  frontend::index_planes(batched(target, spatial), batched(indices, spatial))
      .scatter_from(stream_of(target), kind, batched(source, spatial));
}

at::Tensor unpool(int spatial, const at::Tensor& self, const at::Tensor& indices, Ints output_size) {
  TORCH_CHECK(output_size.size() == static_cast<size_t>(spatial), "There should be exactly ", spatial,
              " elements in output_size, but got ", output_size.size(), " elements.");
  TORCH_CHECK(self.dim() == spatial + 1 || self.dim() == spatial + 2, "Input to max_unpooling", spatial,
              "d should be a ", spatial + 1, "d or ", spatial + 2, "d Tensor, but got a tensor with dim ", self.dim());
  TORCH_CHECK(self.sizes() == indices.sizes(), "Expected shape of indices to be same as that of the input tensor (",
              self.sizes(), ") but got indices tensor with shape: ", indices.sizes());
  TORCH_CHECK(indices.scalar_type() == at::kLong,
              "elements in indices should be type int64 but got: ", indices.scalar_type());
  c10::DimVector sizes(self.sizes());
  for (int i = 0; i < spatial; ++i) sizes[sizes.size() - spatial + i] = output_size[i];
  at::Tensor out = empty(sizes, self.scalar_type(), self.device().index());
  out.zero_();
  if (self.numel() > 0) scatter_planes(ScatterKind::kAssign, spatial, out, indices, self);
  return out;
}

at::Tensor max_unpool2d(const at::Tensor& self, const at::Tensor& indices, Ints output_size) {
  return unpool(2, self, indices, output_size);
}
at::Tensor max_unpool3d(const at::Tensor& self, const at::Tensor& indices, Ints output_size, Ints stride,
                        Ints /*padding*/) {
  TORCH_CHECK(stride.size() == 3,
              "There should be exactly three elements (depth, height, width) in stride, but got: ", stride.size(),
              " elements.");
  TORCH_CHECK(std::all_of(stride.begin(), stride.end(), [](int64_t step) { return step > 0; }),
              "strides should be greater than zero, but got stride: ", stride);
  return unpool(3, self, indices, output_size);
}

// Positions [N, C, output, kernel] along one axis. `number` chooses the axis's sample among random_samples [N, C,
// axes].
at::Tensor window_positions(const at::Tensor& random_samples, int number, int64_t input, int64_t output,
                            int64_t kernel) {
  DType type = dtype_of(random_samples.scalar_type());
  at::Tensor samples = random_samples.select(2, number).unsqueeze(-1).unsqueeze(-1);
  at::Tensor result =
      empty({samples.size(0), samples.size(1), output, kernel}, at::kLong, random_samples.device().index());
  auto args = frontend::formulas::fractional_window_arguments(type, input, kernel, output);
  record_map(frontend::formulas::fractional_window_program(type), {&result}, {&samples}, {args.data(), args.size()});
  return result;
}

// Gathers all windows, [N, C, outputs..., kernels...], and reduces each to its maximum.
template <int spatial>
void fractional(const at::Tensor& self, Ints kernel, Ints output_size, const at::Tensor& random_samples,
                const at::Tensor& out, const at::Tensor& indices) {
  if (out.numel() == 0) return;
  TensorView input = batched(self, spatial);
  at::Tensor samples = random_samples.dim() == 2 ? random_samples.unsqueeze(0) : random_samples;
  at::Tensor positions[spatial], starts[spatial];
  TensorView index[spatial];
  for (int i = 0; i < spatial; ++i) {
    // In two dimensions the first sample is the width's.
    int number = spatial == 2 ? 1 - i : i;
    positions[i] = window_positions(samples, number, input.sizes[2 + i], output_size[i], kernel[i]);
    at::Tensor start = positions[i].select(3, 0);
    for (int j = 0; j < spatial; ++j)
      if (j != i) start = start.unsqueeze(j < i ? 2 : -1);
    starts[i] = self.dim() == spatial + 1 ? start.squeeze(0) : start;
    index[i] = view_of(positions[i]);
  }
  auto indexed = frontend::index_windows(input, index);
  at::Tensor windows =
      empty({indexed.space().data(), indexed.space().size()}, self.scalar_type(), self.device().index());
  TensorView space = view_of(windows);
  indexed.gather_into(stream_of(self), space);

  at::Tensor places = torch::empty_like(indices);
  auto kept = [&](const at::Tensor& tensor) {
    TensorView view = batched(tensor, spatial);
    for (int i = 0; i < spatial; ++i) {
      view.sizes[view.rank] = 1;
      view.strides[view.rank++] = 1;
    }
    return view;
  };
  Reduce reduce;
  reduce.kind = ReduceKind::kMaxIndex;
  for (int i = 0; i < spatial; ++i) reduce.axes |= static_cast<uint8_t>(1u << (2 + spatial + i));
  reduce.inputs = {&space, 1};
  reduce.output = kept(out);
  reduce.indices = kept(places);
  stream_of(self).record(reduce);

  std::vector<const at::Tensor*> inputs{&places};
  std::vector<lineshaft::Scalar> args;
  for (const at::Tensor& start : starts) inputs.push_back(&start);
  for (int i = 0; i < spatial; ++i) args.push_back(lineshaft::Scalar::of(kernel[i]));
  for (int i = 0; i < spatial; ++i) args.push_back(lineshaft::Scalar::of(input.sizes[2 + i]));
  const at::Tensor* outputs[] = {&indices};
  record_map(frontend::formulas::window_winner_program(spatial), Tensors(outputs), Tensors(inputs), args);
}

template <int spatial>
void fractional_max_pool(Results out, const at::Tensor& self, Ints kernel, Ints output_size,
                         const at::Tensor& random_samples) {
  fractional<spatial>(self, kernel, output_size, random_samples, out[0], out[1]);
}

void fractional_backward(Results out, const at::Tensor& grad, const at::Tensor& /*self*/, Ints /*kernel*/,
                         Ints /*output_size*/, const at::Tensor& indices) {
  out[0].zero_();
  if (grad.numel() > 0) scatter_planes(ScatterKind::kAdd, 2, out[0], indices, grad);
}

at::Tensor fractional_backward3d(const at::Tensor& grad, const at::Tensor& self, Ints /*kernel*/, Ints /*output_size*/,
                                 const at::Tensor& indices) {
  at::Tensor grad_input = empty(self.sizes(), self.scalar_type(), self.device().index());
  grad_input.zero_();
  if (grad.numel() > 0) scatter_planes(ScatterKind::kAdd, 3, grad_input, indices, grad);
  return grad_input;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement<&max_unpool2d>(m, "max_unpool2d");
  implement<&max_unpool3d>(m, "max_unpool3d");
  implement_structured<structured_fractional_max_pool2d, 2, &fractional_max_pool<2>, Dtypes::kAlike>(
      m, "fractional_max_pool2d", "fractional_max_pool2d.output");
  implement_structured<structured_fractional_max_pool3d, 2, &fractional_max_pool<3>, Dtypes::kAlike>(
      m, "fractional_max_pool3d", "fractional_max_pool3d.output");
  implement_structured<structured_fractional_max_pool2d_backward, 1, &fractional_backward, Dtypes::kAlike>(
      m, "fractional_max_pool2d_backward", "fractional_max_pool2d_backward.grad_input");
  implement<&fractional_backward3d, Dtypes::kAlike>(m, "fractional_max_pool3d_backward");
}

}  // namespace
}  // namespace lineshaft::torch
