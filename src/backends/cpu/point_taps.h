// The taps of resampling at given points: which elements contribute to the value at a point, their weights, and the
// derivatives of the weights by the point's coordinates.
#pragma once

#include <array>
#include <cmath>
#include <limits>

#include "backends/cpu/cubic.h"
#include "lineshaft/ops/resample.h"

namespace lineshaft::cpu {

constexpr int kMostTaps = 64;  // cubic on three axes

template <class P>
struct PointTaps {
  int count = 0;
  std::array<int64_t, kMostTaps> offset;  // elements, from the first element of the plane
  std::array<P, kMostTaps> weight;
  std::array<std::array<P, kMostTaps>, 3> slope;  // derivatives of the weights by each coordinate of the grid
  // The contribution of elements outside the image to the value and to the slopes: 0, or NaN where a weight is NaN.
  P outside = 0;
  std::array<P, 3> outside_slope{};
};

template <class P>
class PointSampler {
 public:
  // `sizes` and `strides` are those of the image's `axes` spatial axes.
  PointSampler(const ResampleGeometry& geometry, int axes, const int64_t* sizes, const int64_t* strides)
      : geometry_(geometry), axes_(axes) {
    for (int i = 0; i < axes; ++i) sizes_[i] = sizes[i], strides_[i] = strides[i];
  }

  // The point whose coordinate for spatial axis i is grid[(axes - 1 - i) * step].
  PointTaps<P> taps(const P* coordinates) const {
    std::array<Axis, 3> axis;
    for (int i = 0; i < axes_; ++i) axis[i] = along(i, coordinates[axes_ - 1 - i]);
    PointTaps<P> taps;
    std::array<int, 3> at{};
    combine(axis, at, 0, taps);
    if (axes_ == 2)
      for (int i = 0; i < 2; ++i)
        if (axis[i].lost) lose(i, taps);
    return taps;
  }

 private:
  struct Axis {
    int count = 0;
    bool lost = false;             // the position is not finite, and the padding does not move it into the image
    std::array<int64_t, 4> index;  // -1 outside
    std::array<P, 4> weight, slope;
  };

  P to_pixels(P coordinate, int64_t size) const {
    return geometry_.align_corners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2;
  }
  P pixels_slope(int64_t size) const { return static_cast<P>(geometry_.align_corners ? size - 1 : size) / 2; }

  // Moves a position into the image according to the padding, and multiplies `slope` by the derivative of that.
  P padded(P position, int64_t size, P& slope) const {
    if (geometry_.padding == ResamplePadding::kZeros) return position;
    if (geometry_.padding == ResamplePadding::kReflection) position = reflected(position, size, slope);
    P last = static_cast<P>(size - 1);
    // NaN becomes the first element for two axes and the last for three, as in PyTorch's kernels.
    if (std::isnan(position)) return slope = 0, axes_ == 3 ? last : P(0);
    if (!(position > 0)) return slope = 0, P(0);
    if (position >= last) return slope = 0, last;
    return position;
  }
  P reflected(P position, int64_t size, P& slope) const {
    P low = geometry_.align_corners ? P(0) : P(-0.5);
    P span = static_cast<P>(geometry_.align_corners ? size - 1 : size);
    if (span == 0) return slope = 0, P(0);
    P distance = position - low;
    if (distance < 0) distance = -distance, slope = -slope;
    P extra = std::fmod(distance, span), flips = std::floor(distance / span);
    if (std::fmod(flips, P(2)) == 0) return extra + low;
    slope = -slope;
    return span - extra + low;
  }
  // Whether `position` can be converted to an integer. If not, it lies outside the image.
  static bool is_near(P position) { return std::abs(position) < P(0x1p31); }
  static int64_t inside(int64_t index, int64_t size) { return index >= 0 && index < size ? index : -1; }

  Axis along(int i, P coordinate) const {
    const int64_t size = sizes_[i];
    P slope = pixels_slope(size), position = to_pixels(coordinate, size);
    if (geometry_.kind == ResampleKind::kCubic) return cubic(position, size, slope);
    position = padded(position, size, slope);
    Axis axis;
    if (!is_near(position)) {
      axis.lost = !std::isfinite(position) && geometry_.kind == ResampleKind::kLinear;
      return axis;
    }
    if (geometry_.kind == ResampleKind::kNearest) {
      axis.count = 1;
      axis.index[0] = inside(static_cast<int64_t>(std::nearbyint(position)), size);
      axis.weight[0] = 1;
      axis.slope[0] = 0;
      return axis;
    }
    P floor = std::floor(position);
    auto first = static_cast<int64_t>(floor);
    axis.count = 2;
    axis.index = {inside(first, size), inside(first + 1, size)};
    axis.weight = {(floor + 1) - position, position - floor};
    axis.slope = {-slope, slope};
    return axis;
  }
  // Padding applies to each neighbour. The weights of a position that is not finite are NaN.
  Axis cubic(P position, int64_t size, P slope) const {
    Axis axis;
    P floor = std::floor(position);
    axis.lost = !std::isfinite(position) && geometry_.padding == ResamplePadding::kZeros;
    axis.count = 4;
    axis.weight = cubic_weights(position - floor);
    axis.slope = cubic_slopes(position - floor);
    for (int k = 0; k < 4; ++k) {
      P unused = 1, at = padded(floor - 1 + k, size, unused);
      axis.index[k] = is_near(at) ? inside(static_cast<int64_t>(at), size) : -1;
      axis.slope[k] *= slope;
    }
    return axis;
  }

  // For two axes, as in PyTorch's kernel: the elements outside count as zeros, and their weights are NaN.
  void lose(int axis, PointTaps<P>& taps) const {
    constexpr P nan = std::numeric_limits<P>::quiet_NaN();
    taps.outside = taps.outside_slope[1 - axis] = nan;
    if (geometry_.kind == ResampleKind::kCubic) taps.outside_slope[axis] = nan;
  }

  // All combinations of the axes' taps that lie inside, the last axis fastest.
  void combine(const std::array<Axis, 3>& axis, std::array<int, 3>& at, int i, PointTaps<P>& taps) const {
    if (i < axes_) {
      for (at[i] = 0; at[i] < axis[i].count; ++at[i])
        if (axis[i].index[at[i]] >= 0) combine(axis, at, i + 1, taps);
      return;
    }
    int n = taps.count++;
    taps.offset[n] = 0;
    taps.weight[n] = 1;
    for (int j = axes_ - 1; j >= 0; --j) {
      taps.offset[n] += axis[j].index[at[j]] * strides_[j];
      taps.weight[n] *= axis[j].weight[at[j]];
    }
    for (int s = 0; s < axes_; ++s) {
      P slope = axis[s].slope[at[s]];
      for (int j = axes_ - 1; j >= 0; --j)
        if (j != s) slope *= axis[j].weight[at[j]];
      taps.slope[s][n] = slope;
    }
  }

  ResampleGeometry geometry_;
  int axes_;
  std::array<int64_t, 3> sizes_{}, strides_{};
};

}  // namespace lineshaft::cpu
