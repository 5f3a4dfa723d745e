// Resampling on a regular grid, one axis after another: first rows along the last axis, which are kept as long as later
// rows need them, and then sums of rows. The gradient is the same with transposed taps.
#pragma once

#include <omp.h>

#include "backends/cpu/axis_taps.h"
#include "backends/cpu/context.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"
#include "ops/kept_axes.h"

namespace lineshaft::cpu {

// A [N, C, spatial...] view as five axes: absent spatial axes have size 1.
struct Volume {
  std::array<int64_t, 5> sizes{1, 1, 1, 1, 1}, strides{};
  explicit Volume(const TensorView& view) {
    int spatial = view.rank - 2;
    for (int i = 0; i < view.rank; ++i) {
      int axis = i < 2 ? i : i + 3 - spatial;
      sizes[axis] = view.sizes[i];
      strides[axis] = view.strides[i];
    }
  }
};

template <class T>
class Separable {
 public:
  using P = Compute<T>;

  Separable(std::array<AxisTaps<P>, 3> taps, const T* input, const Volume& from, T* output, const Volume& to)
      : taps_(std::move(taps)), input_(input), output_(output), from_(from), to_(to) {
    if (is_channels_last(from_) && is_channels_last(to_)) lanes_ = to_.sizes[1];
    // Kept rows fill about half of a core's L2 cache.
    int64_t rows = from_.sizes[2] * from_.sizes[3], width = std::max<int64_t>(to_.sizes[4] * lanes_, 1);
    slots_ = std::clamp<int64_t>(512 * 1024 / (width * static_cast<int64_t>(sizeof(P))), 8, 1024);
    slots_ = std::min(slots_, rows);
  }

  void run(Context& context) {
    const int64_t planes = to_.sizes[0] * (to_.sizes[1] / lanes_), rows = to_.sizes[2] * to_.sizes[3],
                  width = this->width();
    if (planes * rows * width == 0) return;
    // A plane is cut in bands of rows where there are too few planes for the threads.
    const int64_t bands = planes >= 4 * thread_count()
                              ? 1
                              : std::clamp<int64_t>(4 * thread_count() / planes, 1, std::max<int64_t>(rows / 8, 1));
    const int64_t items = planes * bands, parts = std::min<int64_t>(items, thread_count());
    scratch_each_ = slots_ * width + from_.sizes[4] * lanes_ + 2 * width;
    P* scratch = context.scratch<P>(parts * scratch_each_);
    int64_t* tags = context.scratch<int64_t>(parts * slots_);
    parallel_for_slots(items, std::max<int64_t>(1, 8192 / (rows * width / bands + 1)),
                       [&](int number, int64_t begin, int64_t end) {
                         Worker worker{*this, scratch + scratch_each_ * number, tags + slots_ * number};
                         for (int64_t item = begin; item < end; ++item) {
                           int64_t plane = item / bands, band = item % bands;
                           worker.run(plane, rows * band / bands, rows * (band + 1) / bands);
                         }
                       });
  }

 private:
  static bool is_channels_last(const Volume& volume) {
    return volume.sizes[1] > 1 && volume.strides[1] == 1 && volume.strides[4] == volume.sizes[1];
  }
  int64_t width() const { return to_.sizes[4] * lanes_; }  // elements of a row of the output, with its lanes

  struct Worker {
    const Separable& all;
    P* scratch;
    int64_t* tags;

    P* slot(int64_t i) const { return scratch + i * all.width(); }
    P* line() const { return slot(all.slots_); }
    P* sum() const { return line() + all.from_.sizes[4] * all.lanes_; }
    P* inner() const { return sum() + all.width(); }

    // Rows begin..end of the output plane.
    void run(int64_t plane, int64_t begin, int64_t end) {
      std::fill(tags, tags + all.slots_, -1);
      const auto &in = all.from_.strides, &out = all.to_.strides;
      const int64_t channels = all.to_.sizes[1] / all.lanes_, width = all.width();
      const T* from = all.input_ + plane / channels * in[0] + plane % channels * in[1];
      for (int64_t row = begin; row < end; ++row) {
        int64_t z = row / all.to_.sizes[3], y = row % all.to_.sizes[3];
        const P* sums = sum_rows(from, z, y);
        T* to = all.output_ + plane / channels * out[0] + plane % channels * out[1] + z * out[2] + y * out[3];
        if (out[4] == all.lanes_)
          for (int64_t x = 0; x < width; ++x) to[x] = narrow<T>(sums[x]);
        else
          for (int64_t x = 0; x < width; ++x) to[x * out[4]] = narrow<T>(sums[x]);
      }
    }

    const P* sum_rows(const T* from, int64_t z, int64_t y) {
      const AxisTaps<P>&depth = all.taps_[0], &height = all.taps_[1];
      const int64_t width = all.width(), first = depth.starts[z], last = depth.starts[z + 1];
      if (last - first == 1 && depth.weight[first] == 1) {
        sum_height(from, depth.index[first], y, height, sum());
        return sum();
      }
      std::fill(sum(), sum() + width, P(0));
      for (int64_t k = first; k < last; ++k) {
        sum_height(from, depth.index[k], y, height, inner());
        add(sum(), inner(), depth.weight[k], width, k == first);
      }
      return sum();
    }

    void sum_height(const T* from, int64_t d, int64_t y, const AxisTaps<P>& height, P* to) {
      const int64_t width = all.width(), first = height.starts[y], last = height.starts[y + 1];
      if (first == last) std::fill(to, to + width, P(0));
      for (int64_t k = first; k < last; ++k)
        add(to, row(from, d, height.index[k]), height.weight[k], width, k == first);
    }

    static void add(P* to, const P* from, P weight, int64_t count, bool first) {
      if (first)
        for (int64_t x = 0; x < count; ++x) to[x] = weight * from[x];
      else
        for (int64_t x = 0; x < count; ++x) to[x] += weight * from[x];
    }

    // Row h of slice d of the input, resampled along the last axis.
    const P* row(const T* plane, int64_t d, int64_t h) {
      int64_t number = d * all.from_.sizes[3] + h, at = number % all.slots_;
      if (tags[at] == number) return slot(at);
      tags[at] = number;
      const auto& in = all.from_.strides;
      const T* from = plane + d * in[2] + h * in[3];
      if (all.lanes_ == 1)
        resample_row(from, in[4], slot(at));
      else
        resample_lanes(from, slot(at));
      return slot(at);
    }

    // Resamples a row with all channels of each position side by side.
    void resample_lanes(const T* from, P* to) const {
      const AxisTaps<P>& taps = all.taps_[2];
      const int64_t lanes = all.lanes_;
      const P* source = line();
      if constexpr (std::is_same_v<T, P>)
        source = from;
      else
        for (int64_t x = 0; x < taps.inputs * lanes; ++x) line()[x] = widen(from[x]);
      for (int64_t x = 0; x < taps.outputs; ++x, to += lanes) {
        int64_t first = taps.starts[x], end = taps.starts[x + 1];
        if (first == end) std::fill(to, to + lanes, P(0));
        for (int64_t k = first; k < end; ++k)
          add(to, source + taps.index[k] * lanes, taps.weight[k], lanes, k == first);
      }
    }

    void resample_row(const T* from, int64_t step, P* to) const {
      const AxisTaps<P>& taps = all.taps_[2];
      const P* source = line();
      if constexpr (std::is_same_v<T, P>) source = step == 1 ? from : source;
      if (source == line())
        for (int64_t x = 0; x < taps.inputs; ++x) line()[x] = widen(from[x * step]);
      const int64_t* index = taps.index.data();
      const P* weight = taps.weight.data();
      if (taps.uniform == 2) {
        for (int64_t x = 0; x < taps.outputs; ++x, index += 2, weight += 2)
          to[x] = weight[0] * source[index[0]] + weight[1] * source[index[1]];
        return;
      }
      for (int64_t x = 0; x < taps.outputs; ++x) {
        int64_t k = taps.starts[x], end = taps.starts[x + 1];
        P sum = k < end ? weight[k] * source[index[k]] : P(0);
        for (++k; k < end; ++k) sum += weight[k] * source[index[k]];
        to[x] = sum;
      }
    }
  };

  std::array<AxisTaps<P>, 3> taps_;
  const T* input_;
  T* output_;
  Volume from_, to_;
  int64_t lanes_ = 1;  // the number of channels where these are innermost in memory, else 1
  int64_t slots_ = 1, scratch_each_ = 0;
};

// The taps of the three spatial axes, from an image of `from` to one of `to`.
template <class P>
std::array<AxisTaps<P>, 3> make_taps(const ResampleGeometry& geometry, const Volume& from, const Volume& to,
                                     int spatial, bool gradient) {
  std::array<AxisTaps<P>, 3> taps;
  int absent = 3 - spatial;
  std::span<const int64_t> inputs(from.sizes.data() + 2 + absent, spatial),
      outputs(to.sizes.data() + 2 + absent, spatial);
  uint32_t kept = kept_axes(geometry, inputs, outputs, gradient);
  for (int i = 0; i < absent; ++i) taps[i] = AxisTaps<P>::identity(1);
  for (int i = 0; i < spatial; ++i)
    taps[absent + i] = kept >> i & 1 ? AxisTaps<P>::identity(inputs[i])
                                     : AxisTaps<P>::make(geometry, geometry.scale[i], inputs[i], outputs[i]);
  return taps;
}

}  // namespace lineshaft::cpu
