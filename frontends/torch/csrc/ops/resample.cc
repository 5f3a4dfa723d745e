// Interpolation over a regular grid (upsample_*) and at given points (grid_sampler_*).
#include <ATen/native/GridSamplerUtils.h>
#include <ATen/ops/_upsample_bicubic2d_aa_backward_meta.h>
#include <ATen/ops/_upsample_bicubic2d_aa_meta.h>
#include <ATen/ops/_upsample_bilinear2d_aa_backward_meta.h>
#include <ATen/ops/_upsample_bilinear2d_aa_meta.h>
#include <ATen/ops/_upsample_nearest_exact1d_backward_meta.h>
#include <ATen/ops/_upsample_nearest_exact1d_meta.h>
#include <ATen/ops/_upsample_nearest_exact2d_backward_meta.h>
#include <ATen/ops/_upsample_nearest_exact2d_meta.h>
#include <ATen/ops/_upsample_nearest_exact3d_backward_meta.h>
#include <ATen/ops/_upsample_nearest_exact3d_meta.h>
#include <ATen/ops/upsample_bicubic2d_backward_meta.h>
#include <ATen/ops/upsample_bicubic2d_meta.h>
#include <ATen/ops/upsample_bilinear2d_backward_meta.h>
#include <ATen/ops/upsample_bilinear2d_meta.h>
#include <ATen/ops/upsample_linear1d_backward_meta.h>
#include <ATen/ops/upsample_linear1d_meta.h>
#include <ATen/ops/upsample_nearest1d_backward_meta.h>
#include <ATen/ops/upsample_nearest1d_meta.h>
#include <ATen/ops/upsample_nearest2d_backward_meta.h>
#include <ATen/ops/upsample_nearest2d_meta.h>
#include <ATen/ops/upsample_nearest3d_backward_meta.h>
#include <ATen/ops/upsample_nearest3d_meta.h>
#include <ATen/ops/upsample_trilinear3d_backward_meta.h>
#include <ATen/ops/upsample_trilinear3d_meta.h>

#include "csrc/core/structured.h"
#include "csrc/ops/byte_resample.h"

namespace lineshaft::torch {
namespace {

using Ints = c10::IntArrayRef;
using Scale = std::optional<double>;

// Input elements per output element: a scale that is given counts before the sizes, unless corners are aligned.
double step(int64_t input, int64_t output, bool align_corners, Scale scale) {
  if (!align_corners && scale.has_value() && *scale > 0) return 1 / *scale;
  return resample_scale(input, output, align_corners);
}

template <ResampleKind kind, bool antialias>
ResampleGeometry geometry_of(Ints input, Ints output, bool align_corners, std::initializer_list<Scale> scales) {
  ResampleGeometry geometry;
  geometry.kind = kind;
  geometry.align_corners = align_corners;
  geometry.antialias = antialias;
  int i = 0;
  for (Scale scale : scales) {
    int64_t from = input[i + 2], to = output[i + 2];
    bool keeps = from == to && kind != ResampleKind::kNearestExact && (kind != ResampleKind::kCubic || antialias);
    bool doubles = to == 2 * from && kind == ResampleKind::kNearest;
    // PyTorch's CPU then takes no account of a scale that is given.
    if (keeps || doubles) scale = std::nullopt;
    geometry.scale[i] = step(from, to, align_corners, scale);
    ++i;
  }
  return geometry;
}

template <ResampleKind kind, bool antialias>
void resample(const at::Tensor& out, const at::Tensor& self, bool align_corners, std::initializer_list<Scale> scales) {
  if (out.numel() == 0) return;
  auto geometry = geometry_of<kind, antialias>(self.sizes(), out.sizes(), align_corners, scales);
  constexpr bool moves = kind == ResampleKind::kNearest || kind == ResampleKind::kNearestExact;
  if (!moves && self.scalar_type() == at::kByte && self.dim() == 4) return resample_bytes(out, self, geometry);
  TORCH_CHECK_NOT_IMPLEMENTED(
      moves || c10::isFloatingType(self.scalar_type()), "interpolation between elements is not implemented for '",
      c10::toString(self.scalar_type()),
      "': it takes floats, and bytes for bilinear and bicubic; convert the tensor with .to(dtype)");
  stream_of(self).record(Resample{view_of(self), {}, view_of(out), geometry});
}

template <ResampleKind kind, bool antialias>
void resample_grad(const at::Tensor& grad_input, const at::Tensor& grad, bool align_corners,
                   std::initializer_list<Scale> scales) {
  if (grad_input.numel() == 0) return;
  ResampleGrad op;
  op.geometry = geometry_of<kind, antialias>(grad_input.sizes(), grad.sizes(), align_corners, scales);
  op.grad_output = view_of(grad);
  op.grad_input = view_of(grad_input);
  stream_of(grad).record(op);
}

template <ResampleKind kind, class... Scales>
void nearest(Results out, const at::Tensor& self, Ints /*output_size*/, Scales... scales) {
  resample<kind, false>(out[0], self, false, {scales...});
}
template <ResampleKind kind, class... Scales>
void nearest_backward(Results out, const at::Tensor& grad, Ints /*output_size*/, Ints /*input_size*/,
                      Scales... scales) {
  resample_grad<kind, false>(out[0], grad, false, {scales...});
}
template <ResampleKind kind, bool antialias, class... Scales>
void smooth(Results out, const at::Tensor& self, Ints /*output_size*/, bool align_corners, Scales... scales) {
  resample<kind, antialias>(out[0], self, align_corners, {scales...});
}
template <ResampleKind kind, bool antialias, class... Scales>
void smooth_backward(Results out, const at::Tensor& grad, Ints /*output_size*/, Ints /*input_size*/, bool align_corners,
                     Scales... scales) {
  resample_grad<kind, antialias>(out[0], grad, align_corners, {scales...});
}

ResampleGeometry point_geometry(int64_t interpolation, int64_t padding, bool align_corners) {
  static constexpr ResampleKind kinds[] = {ResampleKind::kLinear, ResampleKind::kNearest, ResampleKind::kCubic};
  static constexpr ResamplePadding paddings[] = {ResamplePadding::kZeros, ResamplePadding::kBorder,
                                                 ResamplePadding::kReflection};
  TORCH_CHECK(interpolation >= 0 && interpolation < 3, "grid_sampler: unknown interpolation mode ", interpolation);
  TORCH_CHECK(padding >= 0 && padding < 3, "grid_sampler: unknown padding mode ", padding);
  ResampleGeometry geometry;
  geometry.kind = kinds[interpolation];
  geometry.padding = paddings[padding];
  geometry.align_corners = align_corners;
  return geometry;
}

template <int spatial>
void require_grid(const at::Tensor& input, const at::Tensor& grid, int64_t interpolation) {
  require_floats("grid_sampler", input);
  at::native::check_grid_sampler_common(input, grid);
  if constexpr (spatial == 2)
    at::native::check_grid_sampler_2d(input, grid);
  else
    at::native::check_grid_sampler_3d(input, grid, interpolation);
  TORCH_CHECK(grid.scalar_type() == input.scalar_type(), "grid_sampler(): expected scalar type ",
              c10::toString(input.scalar_type()), " for the grid but found ", c10::toString(grid.scalar_type()));
}

template <int spatial>
at::Tensor grid_sampler(const at::Tensor& input, const at::Tensor& grid, int64_t interpolation, int64_t padding,
                        bool align_corners) {
  require_grid<spatial>(input, grid, interpolation);
  TensorView image = view_of(input), points = view_of(grid);
  Sizes sizes = resample_output_sizes(image.shape(), points.shape());
  at::Tensor out = empty({sizes.data(), sizes.size()}, input.scalar_type(), input.device().index());
  if (out.numel() == 0) return out;
  stream_of(input).record(Resample{image, points, view_of(out), point_geometry(interpolation, padding, align_corners)});
  return out;
}

template <int spatial>
std::tuple<at::Tensor, at::Tensor> grid_sampler_backward(const at::Tensor& grad, const at::Tensor& input,
                                                         const at::Tensor& grid, int64_t interpolation, int64_t padding,
                                                         bool align_corners, std::array<bool, 2> wanted) {
  require_grid<spatial>(input, grid, interpolation);
  auto device = input.device().index();
  at::Tensor grad_input, grad_grid;
  if (wanted[0]) grad_input = empty(input.sizes(), input.scalar_type(), device);
  if (wanted[1]) grad_grid = empty(grid.sizes(), grid.scalar_type(), device);
  if (grad.numel() == 0) {
    if (wanted[0]) grad_input.zero_();
    return {grad_input, grad_grid};
  }
  ResampleGrad op;
  op.grad_output = view_of(grad);
  op.grid = view_of(grid);
  if (wanted[1]) op.input = view_of(input);
  op.grad_input = view_of(grad_input);
  op.grad_grid = view_of(grad_grid);
  op.geometry = point_geometry(interpolation, padding, align_corners);
  if (wanted[0] || wanted[1]) stream_of(input).record(op);
  return {grad_input, grad_grid};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  using enum ResampleKind;
  implement_structured<structured_upsample_nearest1d, 1, &nearest<kNearest, Scale>>(m, "upsample_nearest1d",
                                                                                    "upsample_nearest1d.out");
  implement_structured<structured_upsample_nearest1d_backward, 1, &nearest_backward<kNearest, Scale>>(
      m, "upsample_nearest1d_backward", "upsample_nearest1d_backward.grad_input");
  implement_structured<structured__upsample_nearest_exact1d, 1, &nearest<kNearestExact, Scale>>(
      m, "_upsample_nearest_exact1d", "_upsample_nearest_exact1d.out");
  implement_structured<structured__upsample_nearest_exact1d_backward, 1, &nearest_backward<kNearestExact, Scale>>(
      m, "_upsample_nearest_exact1d_backward", "_upsample_nearest_exact1d_backward.grad_input");
  implement_structured<structured_upsample_nearest2d, 1, &nearest<kNearest, Scale, Scale>>(m, "upsample_nearest2d",
                                                                                           "upsample_nearest2d.out");
  implement_structured<structured_upsample_nearest2d_backward, 1, &nearest_backward<kNearest, Scale, Scale>>(
      m, "upsample_nearest2d_backward", "upsample_nearest2d_backward.grad_input");
  implement_structured<structured__upsample_nearest_exact2d, 1, &nearest<kNearestExact, Scale, Scale>>(
      m, "_upsample_nearest_exact2d", "_upsample_nearest_exact2d.out");
  implement_structured<structured__upsample_nearest_exact2d_backward, 1,
                       &nearest_backward<kNearestExact, Scale, Scale>>(m, "_upsample_nearest_exact2d_backward",
                                                                       "_upsample_nearest_exact2d_backward.grad_input");
  implement_structured<structured_upsample_nearest3d, 1, &nearest<kNearest, Scale, Scale, Scale>>(
      m, "upsample_nearest3d", "upsample_nearest3d.out");
  implement_structured<structured_upsample_nearest3d_backward, 1, &nearest_backward<kNearest, Scale, Scale, Scale>>(
      m, "upsample_nearest3d_backward", "upsample_nearest3d_backward.grad_input");
  implement_structured<structured__upsample_nearest_exact3d, 1, &nearest<kNearestExact, Scale, Scale, Scale>>(
      m, "_upsample_nearest_exact3d", "_upsample_nearest_exact3d.out");
  implement_structured<structured__upsample_nearest_exact3d_backward, 1,
                       &nearest_backward<kNearestExact, Scale, Scale, Scale>>(
      m, "_upsample_nearest_exact3d_backward", "_upsample_nearest_exact3d_backward.grad_input");
  implement_structured<structured_upsample_linear1d, 1, &smooth<kLinear, false, Scale>>(m, "upsample_linear1d",
                                                                                        "upsample_linear1d.out");
  implement_structured<structured_upsample_linear1d_backward, 1, &smooth_backward<kLinear, false, Scale>>(
      m, "upsample_linear1d_backward", "upsample_linear1d_backward.grad_input");
  implement_structured<structured_upsample_bilinear2d, 1, &smooth<kLinear, false, Scale, Scale>>(
      m, "upsample_bilinear2d", "upsample_bilinear2d.out");
  implement_structured<structured_upsample_bilinear2d_backward, 1, &smooth_backward<kLinear, false, Scale, Scale>>(
      m, "upsample_bilinear2d_backward", "upsample_bilinear2d_backward.grad_input");
  implement_structured<structured_upsample_trilinear3d, 1, &smooth<kLinear, false, Scale, Scale, Scale>>(
      m, "upsample_trilinear3d", "upsample_trilinear3d.out");
  implement_structured<structured_upsample_trilinear3d_backward, 1,
                       &smooth_backward<kLinear, false, Scale, Scale, Scale>>(
      m, "upsample_trilinear3d_backward", "upsample_trilinear3d_backward.grad_input");
  implement_structured<structured_upsample_bicubic2d, 1, &smooth<kCubic, false, Scale, Scale>>(
      m, "upsample_bicubic2d", "upsample_bicubic2d.out");
  implement_structured<structured_upsample_bicubic2d_backward, 1, &smooth_backward<kCubic, false, Scale, Scale>>(
      m, "upsample_bicubic2d_backward", "upsample_bicubic2d_backward.grad_input");
  implement_structured<structured__upsample_bilinear2d_aa, 1, &smooth<kLinear, true, Scale, Scale>>(
      m, "_upsample_bilinear2d_aa", "_upsample_bilinear2d_aa.out");
  implement_structured<structured__upsample_bilinear2d_aa_backward, 1, &smooth_backward<kLinear, true, Scale, Scale>>(
      m, "_upsample_bilinear2d_aa_backward", "_upsample_bilinear2d_aa_backward.grad_input");
  implement_structured<structured__upsample_bicubic2d_aa, 1, &smooth<kCubic, true, Scale, Scale>>(
      m, "_upsample_bicubic2d_aa", "_upsample_bicubic2d_aa.out");
  implement_structured<structured__upsample_bicubic2d_aa_backward, 1, &smooth_backward<kCubic, true, Scale, Scale>>(
      m, "_upsample_bicubic2d_aa_backward", "_upsample_bicubic2d_aa_backward.grad_input");
  implement<&grid_sampler<2>, Dtypes::kAlike>(m, "grid_sampler_2d");
  implement<&grid_sampler<3>, Dtypes::kAlike>(m, "grid_sampler_3d");
  implement<&grid_sampler_backward<2>, Dtypes::kAlike>(m, "grid_sampler_2d_backward");
  implement<&grid_sampler_backward<3>, Dtypes::kAlike>(m, "grid_sampler_3d_backward");
}

}  // namespace
}  // namespace lineshaft::torch
