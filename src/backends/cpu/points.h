// Resampling at given points (grid_sample) and its gradients.
#pragma once

#include "backends/cpu/point_taps.h"
#include "backends/cpu/separable.h"
#include "base/divide.h"

namespace lineshaft::cpu {

template <class T>
class Points {
 public:
  using P = Compute<T>;

  Points(const TensorView& image, const TensorView& grid, const TensorView& output, const ResampleGeometry& geometry)
      : axes_(image.rank - 2),
        image_(image),
        grid_(grid),
        output_(output),
        volume_(output),
        sampler_(geometry, axes_, image.sizes.data() + 2, image.strides.data() + 2) {
    points_ = volume_.sizes[2] * volume_.sizes[3] * volume_.sizes[4];
  }

  void sample(const T* image, const T* grid, T* output) const {
    for_blocks([&](int64_t n, int64_t begin, int64_t end) {
      PointTaps<P> taps[kBlock];
      for (int64_t p = begin; p < end; ++p) taps[p - begin] = taps_at(grid, n, p);
      for (int64_t c = 0; c < image_.sizes[1]; ++c) {
        const T* plane = image + n * image_.strides[0] + c * image_.strides[1];
        for (int64_t p = begin; p < end; ++p) {
          const PointTaps<P>& at = taps[p - begin];
          output[output_offset(n, c, p)] = narrow<T>(sum(at.weight, at, plane, at.outside));
        }
      }
    });
  }

  // Adds the gradients to `sums`, which has the image's strides, in the order of the points. The channels of an image
  // are divided among threads.
  void add_gradient(const T* grad_output, const T* grid, P* sums) const {
    const int64_t channels = image_.sizes[1];
    const int64_t parts =
        std::min(channels, std::max<int64_t>(1, thread_count() / std::max<int64_t>(grid_.sizes[0], 1)));
    parallel_for(grid_.sizes[0] * parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; ++item) {
        int64_t n = item / parts, part = item % parts;
        for (int64_t p = 0; p < points_; ++p) {
          const PointTaps<P> taps = taps_at(grid, n, p);
          for (int64_t c = channels * part / parts; c < channels * (part + 1) / parts; ++c) {
            P* plane = sums + n * image_.strides[0] + c * image_.strides[1];
            P given = widen(grad_output[output_offset(n, c, p)]);
            for (int k = 0; k < taps.count; ++k) plane[taps.offset[k]] += taps.weight[k] * given;
          }
        }
      }
    });
  }

  void grid_gradient(const T* grad_output, const T* image, const T* grid, T* grad_grid, const TensorView& view) const {
    for_blocks([&](int64_t n, int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const PointTaps<P> taps = taps_at(grid, n, p);
        std::array<P, 3> total{};
        for (int64_t c = 0; c < image_.sizes[1]; ++c) {
          const T* plane = image + n * image_.strides[0] + c * image_.strides[1];
          P given = widen(grad_output[output_offset(n, c, p)]);
          for (int i = 0; i < axes_; ++i) total[i] += given * sum(taps.slope[i], taps, plane, taps.outside_slope[i]);
        }
        for (int i = 0; i < axes_; ++i)
          grad_grid[point_offset(view, n, p) + (axes_ - 1 - i) * view.strides[axes_ + 1]] = narrow<T>(total[i]);
      }
    });
  }

 private:
  static constexpr int64_t kBlock = 32;

  // f(n, begin, end) for blocks of the points of each image.
  template <class F>
  void for_blocks(F&& f) const {
    const int64_t blocks = divide_up(points_, kBlock);
    parallel_for(grid_.sizes[0] * blocks, std::max<int64_t>(1, 256 / (image_.sizes[1] + 8)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t item = begin; item < end; ++item) {
                     int64_t first = item % blocks * kBlock;
                     f(item / blocks, first, std::min(points_, first + kBlock));
                   }
                 });
  }

  // The offset of point p of image n in a view of the grid's shape.
  int64_t point_offset(const TensorView& view, int64_t n, int64_t p) const {
    int64_t offset = n * view.strides[0];
    for (int i = axes_; i >= 1; --i) {
      offset += p % view.sizes[i] * view.strides[i];
      p /= view.sizes[i];
    }
    return offset;
  }
  int64_t output_offset(int64_t n, int64_t c, int64_t p) const {
    const auto &sizes = volume_.sizes, &strides = volume_.strides;
    int64_t row = p / sizes[4];
    return n * strides[0] + c * strides[1] + row / sizes[3] * strides[2] + row % sizes[3] * strides[3] +
           p % sizes[4] * strides[4];
  }
  PointTaps<P> taps_at(const T* grid, int64_t n, int64_t p) const {
    const T* at = grid + point_offset(grid_, n, p);
    P coordinates[3] = {};
    for (int i = 0; i < axes_; ++i) coordinates[i] = widen(at[i * grid_.strides[axes_ + 1]]);
    return sampler_.taps(coordinates);
  }
  static P sum(const std::array<P, kMostTaps>& factors, const PointTaps<P>& taps, const T* plane, P total) {
    for (int k = 0; k < taps.count; ++k) total += factors[k] * widen(plane[taps.offset[k]]);
    return total;
  }

  int axes_;
  TensorView image_, grid_, output_;
  Volume volume_;
  PointSampler<P> sampler_;
  int64_t points_ = 0;
};

}  // namespace lineshaft::cpu
