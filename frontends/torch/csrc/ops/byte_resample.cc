#include "csrc/ops/byte_resample.h"

#include <ATen/native/UpSample.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <vector>

namespace lineshaft::torch {
namespace {

using at::Tensor;

// Where along an axis each output element reads: from `first` on, `taps` elements with weights of `1 << precision`;
// those past the end have weight 0.
struct Axis {
  std::vector<int64_t> first;
  std::vector<double> weights;  // [output][tap]
  int64_t taps = 0;
  double largest = 0;
};

double kernel_at(double x, const ResampleGeometry& geometry) {
  x = std::abs(x);
  if (geometry.kind == ResampleKind::kLinear) return x < 1 ? 1 - x : 0;
  double a = geometry.antialias ? -0.5 : -0.75;
  if (x < 1) return at::native::cubic_convolution1<double>(x, a);
  return x < 2 ? at::native::cubic_convolution2<double>(x, a) : 0;
}

// The kernel widened to the step, its weights made to sum to 1.
void add_wide(Axis& axis, int64_t i, int64_t size, double scale, double support, const ResampleGeometry& geometry) {
  double center = scale * (static_cast<double>(i) + 0.5), sum = 0, inverse = scale >= 1 ? 1 / scale : 1;
  auto first = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
  auto count = std::clamp<int64_t>(std::min(static_cast<int64_t>(center + support + 0.5), size) - first, 0, axis.taps);
  double* weights = &axis.weights[i * axis.taps];
  for (int64_t j = 0; j < count; ++j)
    sum += weights[j] = kernel_at((static_cast<double>(j + first) - center + 0.5) * inverse, geometry);
  for (int64_t j = 0; j < count && sum != 0; ++j) axis.largest = std::max(axis.largest, weights[j] /= sum);
  axis.first[i] = first;
}

// The neighbours; what lies past an edge adds to the edge's weight.
void add_neighbours(Axis& axis, int64_t i, int64_t size, double scale, const ResampleGeometry& geometry) {
  double source = at::native::area_pixel_compute_source_index<double>(scale, i, geometry.align_corners,
                                                                      geometry.kind == ResampleKind::kCubic);
  int64_t index = 0, support = axis.taps / 2;
  double part = 0;
  at::native::guard_index_and_lambda(source, size, index, part);
  int64_t begin = index - support + 1, first = std::max<int64_t>(begin, 0);
  int64_t count = std::min(index + support + 1, size) - first, to = 0;
  double* weights = &axis.weights[i * axis.taps];
  for (int64_t j = 0; j < axis.taps; ++j, ++to) {
    if (begin + j <= 0)
      to = 0;
    else if (begin + j >= size - 1)
      to = count - 1;
    weights[to] += kernel_at(static_cast<double>(j + 1 - support) - part, geometry);
    axis.largest = std::max(axis.largest, weights[to]);
  }
  axis.first[i] = first;
}

Axis axis_of(int64_t input, int64_t output, double scale, const ResampleGeometry& geometry) {
  Axis axis;
  int64_t width = geometry.kind == ResampleKind::kCubic ? 4 : 2;
  double support = 0.5 * static_cast<double>(width);
  if (geometry.antialias && scale >= 1) support *= scale;
  axis.taps = geometry.antialias ? static_cast<int64_t>(std::ceil(support)) * 2 + 1 : width;
  axis.first.resize(output);
  axis.weights.resize(output * axis.taps);
  for (int64_t i = 0; i < output; ++i)
    if (geometry.antialias)
      add_wide(axis, i, input, scale, support, geometry);
    else
      add_neighbours(axis, i, input, scale, geometry);
  return axis;
}

// As many bits as keep the largest weight below 2^15.
int precision_of(double largest) {
  int bits = 0;
  while (bits < 22 && static_cast<int>(0.5 + largest * (1 << (bits + 1))) < 1 << 15) ++bits;
  return bits;
}

// Each tap is a selection along the axis times its weights.
Tensor along(const Tensor& self, int64_t dim, int64_t size, double scale, const ResampleGeometry& geometry) {
  int64_t input = self.size(dim);
  if (input == size) return self;  // whatever the scale, as PyTorch's CPU does
  Axis axis = axis_of(input, size, scale, geometry);
  int precision = precision_of(axis.largest);
  Tensor places = at::empty({axis.taps, size}, at::kLong), weights = at::empty({axis.taps, size}, at::kInt);
  for (int64_t tap = 0; tap < axis.taps; ++tap)
    for (int64_t i = 0; i < size; ++i) {
      double weight = axis.weights[i * axis.taps + tap];
      places.mutable_data_ptr<int64_t>()[tap * size + i] = std::min(axis.first[i] + tap, input - 1);
      weights.mutable_data_ptr<int32_t>()[tap * size + i] =
          static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << precision));
    }
  places = places.to(self.device());
  weights = weights.to(self.device());
  auto sizes = self.sizes().vec();
  sizes[dim] = size;
  Tensor sum = at::full(sizes, precision ? 1 << (precision - 1) : 0, self.options().dtype(at::kInt));
  c10::SmallVector<int64_t, 4> broadcast(self.dim(), 1);
  broadcast[dim] = size;
  for (int64_t tap = 0; tap < axis.taps; ++tap)
    sum.add_(self.index_select(dim, places.select(0, tap)).to(at::kInt).mul(weights.select(0, tap).view(broadcast)));
  return sum.bitwise_right_shift(precision).clamp(0, 255).to(at::kByte);
}

}  // namespace

void resample_bytes(const Tensor& out, const Tensor& self, const ResampleGeometry& geometry) {
  Tensor wide = along(self, 3, out.size(3), geometry.scale[1], geometry);
  out.copy_(along(wide, 2, out.size(2), geometry.scale[0], geometry));
}

}  // namespace lineshaft::torch
