// The plan of a pooling: which axis is vectorized, and the windows along each axis.
#pragma once

#include <vector>

#include "backends/cpu/dnn/pool_row.h"
#include "lineshaft/ops/pool.h"

namespace lineshaft::cpu {

class PoolPlan {
 public:
  // `input` has the input's sizes, `output` the output's; either may be a gradient.
  PoolPlan(const TensorView& input, const TensorView& output, const PoolGeometry& geometry);

  bool is_max() const { return max_; }
  bool lanes_are_channels() const { return channels_; }
  int64_t lanes() const { return lanes_; }
  int64_t volume() const { return in_[0] * in_[1] * in_[2]; }
  // Rows of one plane (channels-first: an image's channel) or of one image (channels as lanes).
  int64_t rows() const { return channels_ ? out_[0] * out_[1] * out_[2] : out_[0] * out_[1] * (single_ ? out_[2] : 1); }
  // The number of planes, or of images.
  int64_t groups() const { return channels_ ? images_ : images_ * planes_; }

  // The offset in elements of group `group` at spatial position (0, 0, 0).
  int64_t group_offset(const TensorView& view, int64_t group) const;
  // The offset in elements of output row `row` from the group's start.
  int64_t row_offset(const TensorView& view, int64_t row) const;
  // The row's windows and lanes; the caller sets the addresses. `walked` is a view of the input's sizes whose strides
  // are used.
  PoolRow row(const TensorView& walked, int64_t row) const;
  int64_t lane_stride(const TensorView& view) const;  // of an output-shaped view

 private:
  PoolSpan span(int axis, int64_t x) const;
  double divisor(int axis, int64_t x) const;
  void coordinates(int64_t row, int64_t (&x)[3]) const;

  PoolGeometry geometry_;
  int spatial_;
  bool max_, channels_, single_ = false;  // single: one output a row, where windows do not slide evenly
  int64_t images_, planes_, lanes_;
  int64_t in_[3], out_[3];
  std::vector<PoolSpan> spans_[3];        // by axis and output position, where windows do not slide
  std::vector<double> span_divisors_[3];  // their shares of the divisor
  std::vector<PoolTap> taps_;
  std::vector<float> divisors_;
};

}  // namespace lineshaft::cpu
