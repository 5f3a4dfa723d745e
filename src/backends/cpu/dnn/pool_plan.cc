#include "backends/cpu/dnn/pool_plan.h"

#include <algorithm>

#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

// The strides of a view's spatial axes, as three; axes that it lacks come first.
void spatial_strides(const TensorView& view, int64_t (&strides)[3]) {
  int missing = 5 - view.rank;
  for (int i = 0; i < 3; ++i) strides[i] = i < missing ? 0 : view.strides[2 + i - missing];
}

int64_t ceil_divide(int64_t a, int64_t b) {
  return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

// Windows that all have one size and distance slide like ordinary ones.
PoolGeometry without_even_adaption(PoolGeometry geometry, const TensorView& input, const TensorView& output) {
  bool adaptive = geometry.kind == PoolKind::kAdaptiveMax || geometry.kind == PoolKind::kAdaptiveAverage;
  if (!adaptive) return geometry;
  for (int i = 2; i < input.rank; ++i)
    if (output.sizes[i] == 0 || input.sizes[i] % output.sizes[i] != 0) return geometry;
  PoolGeometry even;
  even.kind = geometry.kind == PoolKind::kAdaptiveMax ? PoolKind::kMax : PoolKind::kAverage;
  for (int i = 2; i < input.rank; ++i)
    even.kernel[i - 2] = even.stride[i - 2] = static_cast<int32_t>(input.sizes[i] / output.sizes[i]);
  return even;
}

}  // namespace

PoolPlan::PoolPlan(const TensorView& input, const TensorView& output, const PoolGeometry& geometry)
    : geometry_(without_even_adaption(geometry, input, output)),
      spatial_(input.rank - 2),
      images_(input.sizes[0]),
      planes_(input.sizes[1]) {
  max_ = geometry_.kind == PoolKind::kMax || geometry_.kind == PoolKind::kAdaptiveMax;
  int missing = 3 - spatial_;
  for (int i = 0; i < 3; ++i) {
    in_[i] = i < missing ? 1 : input.sizes[2 + i - missing];
    out_[i] = i < missing ? 1 : output.sizes[2 + i - missing];
  }
  channels_ = planes_ > 1 && input.strides[1] == 1 && output.strides[1] == 1;
  bool slides = geometry_.kind == PoolKind::kMax || geometry_.kind == PoolKind::kAverage;
  single_ = !channels_ && (!slides || out_[2] == 1);
  lanes_ = channels_ ? planes_ : single_ ? 1 : out_[2];
  bool sliding = !channels_ && !single_;
  for (int axis = 0; axis < (sliding ? 2 : 3); ++axis)
    for (int64_t x = 0; x < out_[axis]; ++x) {
      spans_[axis].push_back(span(axis, x));
      span_divisors_[axis].push_back(divisor(axis, x));
    }
  if (!sliding) return;
  int last = spatial_ - 1;
  int64_t stride = geometry_.stride[last], padding = geometry_.padding[last], dilation = geometry_.dilation[last];
  for (int64_t t = 0; t < geometry_.kernel[last]; ++t) {
    int64_t offset = t * dilation - padding;
    int64_t begin = std::clamp<int64_t>(ceil_divide(-offset, stride), 0, lanes_);
    int64_t end = std::clamp<int64_t>(ceil_divide(in_[2] - offset, stride), begin, lanes_);
    if (begin < end) taps_.push_back({begin, end, offset});
  }
  if (max_ || geometry_.divisor > 0) return;
  for (int64_t x = 0; x < lanes_; ++x) divisors_.push_back(static_cast<float>(divisor(2, x)));
}

PoolSpan PoolPlan::span(int axis, int64_t x) const {
  int i = axis - (3 - spatial_);
  if (i < 0) return {};
  PoolWindow window = pool_window(geometry_, i, x, in_[axis], out_[axis]);
  int64_t first = window.begin;
  if (first < 0) first += round_up(-first, window.step);
  int64_t end = std::min(window.end, in_[axis]);
  return {first, first < end ? divide_up(end - first, window.step) : 0, window.step};
}

// The axis's share of the number of elements that an average divides by.
double PoolPlan::divisor(int axis, int64_t x) const {
  int i = axis - (3 - spatial_);
  if (i < 0) return 1;
  if (geometry_.kind != PoolKind::kAverage || !geometry_.count_include_pad)
    return static_cast<double>(span(axis, x).count);
  PoolWindow window = pool_window(geometry_, i, x, in_[axis], out_[axis]);
  return static_cast<double>(std::min(window.end, in_[axis] + geometry_.padding[i]) - window.begin);
}

void PoolPlan::coordinates(int64_t row, int64_t (&x)[3]) const {
  bool last = channels_ || single_;
  x[2] = last ? row % out_[2] : 0;
  if (last) row /= out_[2];
  x[1] = row % out_[1];
  x[0] = row / out_[1];
}

int64_t PoolPlan::group_offset(const TensorView& view, int64_t group) const {
  if (channels_) return group * view.strides[0];
  return group / planes_ * view.strides[0] + group % planes_ * view.strides[1];
}

int64_t PoolPlan::row_offset(const TensorView& view, int64_t row) const {
  int64_t x[3], strides[3];
  coordinates(row, x);
  spatial_strides(view, strides);
  return x[0] * strides[0] + x[1] * strides[1] + x[2] * strides[2];
}

int64_t PoolPlan::lane_stride(const TensorView& view) const {
  return channels_ ? view.strides[1] : view.strides[view.rank - 1];
}

PoolRow PoolPlan::row(const TensorView& walked, int64_t row) const {
  int64_t x[3];
  coordinates(row, x);
  PoolRow r{.dtype = walked.dtype, .lanes = lanes_};
  spatial_strides(walked, r.in_strides);
  std::copy_n(in_, 3, r.sizes);
  bool sliding = !channels_ && !single_;
  int64_t stride = geometry_.stride[spatial_ - 1];
  r.in_lane = channels_ ? walked.strides[1] : sliding ? stride * r.in_strides[2] : 0;
  r.index_lane = sliding ? stride : 0;
  double divisor_of_row = 1;
  for (int i = 0; i < 3; ++i) {
    if (i == 2 && sliding) break;
    r.spans[i] = spans_[i][x[i]];
    divisor_of_row *= span_divisors_[i][x[i]];
  }
  r.divisor = geometry_.kind == PoolKind::kAverage && geometry_.divisor > 0 ? geometry_.divisor : divisor_of_row;
  if (sliding) {
    r.taps = taps_.data();
    r.tap_count = static_cast<int64_t>(taps_.size());
    r.divisors = divisors_.empty() ? nullptr : divisors_.data();
  }
  return r;
}

}  // namespace lineshaft::cpu
