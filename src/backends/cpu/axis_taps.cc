#include "backends/cpu/axis_taps.h"

#include <algorithm>
#include <cmath>

#include "backends/cpu/cubic.h"

namespace lineshaft::cpu {
namespace {

template <class P>
void finish_output(AxisTaps<P>& taps) {
  taps.starts.push_back(static_cast<int64_t>(taps.index.size()));
}

template <class P>
void add_interpolation(AxisTaps<P>& taps, const ResampleGeometry& geometry, P scale, int64_t x) {
  const int64_t last = taps.inputs - 1;
  const bool cubic = geometry.kind == ResampleKind::kCubic;
  P position = geometry.align_corners ? scale * x : scale * (x + P(0.5)) - P(0.5);
  if (!cubic) position = std::max(position, P(0));
  int64_t first = std::min(static_cast<int64_t>(std::floor(position)), last);
  P fraction = std::clamp(position - static_cast<P>(first), P(0), P(1));
  if (cubic) {
    std::array<P, 4> weights = cubic_weights(fraction);
    for (int k = 0; k < 4; ++k) {
      taps.index.push_back(std::clamp<int64_t>(first - 1 + k, 0, last));
      taps.weight.push_back(weights[k]);
    }
  } else {
    taps.index.insert(taps.index.end(), {first, std::min(first + 1, last)});
    taps.weight.insert(taps.weight.end(), {1 - fraction, fraction});
  }
}

template <class P>
P antialias_filter(ResampleKind kind, P x) {
  x = std::abs(x);
  if (kind == ResampleKind::kLinear) return x < 1 ? 1 - x : P(0);
  if (x < 1) return cubic_near(x, P(-0.5));
  return x < 2 ? cubic_far(x, P(-0.5)) : P(0);
}

template <class P>
void add_antialias(AxisTaps<P>& taps, const ResampleGeometry& geometry, P scale, int64_t x) {
  const P half = geometry.kind == ResampleKind::kCubic ? 2 : 1;
  P support = scale >= 1 ? half * scale : half, inverse = scale >= 1 ? 1 / scale : P(1);
  P center = scale * (x + P(0.5));
  int64_t first = std::clamp<int64_t>(static_cast<int64_t>(center - support + P(0.5)), 0, taps.inputs - 1);
  int64_t end = std::clamp<int64_t>(static_cast<int64_t>(center + support + P(0.5)), first + 1, taps.inputs);
  P total = 0;
  for (int64_t i = first; i < end; ++i) {
    P weight = antialias_filter(geometry.kind, (static_cast<P>(i) - center + P(0.5)) * inverse);
    taps.index.push_back(i);
    taps.weight.push_back(weight);
    total += weight;
  }
  if (total != 0)
    for (auto weight = taps.weight.end() - (end - first); weight != taps.weight.end(); ++weight) *weight /= total;
}

template <class P>
void find_uniform(AxisTaps<P>& taps) {
  if (taps.outputs == 0) return;
  int64_t count = taps.starts[1];
  for (int64_t x = 0; x < taps.outputs; ++x)
    if (taps.starts[x + 1] - taps.starts[x] != count) return;
  taps.uniform = static_cast<int>(count);
}

}  // namespace

template <class P>
int64_t nearest_index(ResampleKind kind, double scale, int64_t inputs, int64_t x) {
  P position = kind == ResampleKind::kNearestExact ? (x + P(0.5)) * static_cast<P>(scale) : x * static_cast<P>(scale);
  return std::min(static_cast<int64_t>(std::floor(position)), inputs - 1);
}

template <class P>
AxisTaps<P> AxisTaps<P>::make(const ResampleGeometry& geometry, double scale, int64_t inputs, int64_t outputs) {
  AxisTaps taps{inputs, outputs, {0}};
  for (int64_t x = 0; x < outputs; ++x) {
    if (geometry.kind == ResampleKind::kNearest || geometry.kind == ResampleKind::kNearestExact) {
      taps.index.push_back(nearest_index<P>(geometry.kind, scale, inputs, x));
      taps.weight.push_back(1);
    } else if (geometry.antialias) {
      add_antialias(taps, geometry, static_cast<P>(scale), x);
    } else {
      add_interpolation(taps, geometry, static_cast<P>(scale), x);
    }
    finish_output(taps);
  }
  find_uniform(taps);
  return taps;
}

template <class P>
AxisTaps<P> AxisTaps<P>::identity(int64_t size) {
  AxisTaps taps{size, size, {0}};
  for (int64_t x = 0; x < size; ++x) {
    taps.index.push_back(x);
    taps.weight.push_back(1);
    finish_output(taps);
  }
  find_uniform(taps);
  return taps;
}

template <class P>
AxisTaps<P> AxisTaps<P>::transposed() const {
  AxisTaps taps{outputs, inputs};
  taps.starts.assign(inputs + 1, 0);
  for (int64_t i : index) ++taps.starts[i + 1];
  for (int64_t i = 0; i < inputs; ++i) taps.starts[i + 1] += taps.starts[i];
  taps.index.resize(index.size());
  taps.weight.resize(index.size());
  std::vector<int64_t> next(taps.starts.begin(), taps.starts.end() - 1);
  for (int64_t x = 0; x < outputs; ++x)
    for (int64_t k = starts[x]; k < starts[x + 1]; ++k) {
      int64_t at = next[index[k]]++;
      taps.index[at] = x;
      taps.weight[at] = weight[k];
    }
  find_uniform(taps);
  return taps;
}

template struct AxisTaps<float>;
template struct AxisTaps<double>;
template int64_t nearest_index<float>(ResampleKind, double, int64_t, int64_t);
template int64_t nearest_index<double>(ResampleKind, double, int64_t, int64_t);

}  // namespace lineshaft::cpu
