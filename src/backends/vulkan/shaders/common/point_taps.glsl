// Resampling at points, in T: along one axis, which elements a coordinate reads, their weights, and how the weights change with the coordinate.
layout(constant_id = 0) const uint ls_kind = 0u;     // ResampleKind
layout(constant_id = 1) const bool ls_align_corners = false;
layout(constant_id = 2) const uint ls_padding = 0u;  // ResamplePadding
#ifdef DOUBLE
const T LS_LARGEST = T(1.7976931348623157e308LF);
#else
const T LS_LARGEST = T(3.4028234663852886e38);
#endif
const uint LS_NEAREST = 0u, LS_LINEAR = 2u, LS_CUBIC = 3u;

layout(push_constant) uniform Push {
  ivec4 size;     // of the image's spatial axes, the last ones last; absent ones are 1
  uint count;     // invocations
  uint channels, points;  // of an image
  int axes;
  uint first_channel, end_channel;  // points_grad_grid: those of this dispatch
} p;

struct Taps {
  int count;
  bool lost;  // the position is no finite number and nothing brings it into the image
  int index[4];  // -1: outside
  T weight[4], slope[4];
};

T ls_nan() { return T(uintBitsToFloat(0x7fc00000u)); }
bool ls_finite(const T x) { return abs(x) <= LS_LARGEST; }

T ls_remainder(const T x, const T y) { return x - y * floor(x / y); }
T ls_reflected(const T position, const int size, inout T slope) {
  T low = ls_align_corners ? T(0) : T(-0.5), span = T(ls_align_corners ? size - 1 : size);
  if (span == T(0)) {
    slope = T(0);
    return T(0);
  }
  T distance = position - low;
  if (distance < T(0)) {
    distance = -distance;
    slope = -slope;
  }
  T extra = ls_remainder(distance, span), flips = floor(distance / span);
  if (ls_remainder(flips, T(2)) == T(0)) return extra + low;
  slope = -slope;
  return span - extra + low;
}
// A position brought into the image; `slope` is multiplied by how it moves.
T ls_padded(T position, const int size, inout T slope) {
  if (ls_padding == 0u) return position;
  if (ls_padding == 2u) position = ls_reflected(position, size, slope);
  T last = T(size - 1);
  if (position > T(0) && position < last) return position;
  slope = T(0);
  // NaN is the first element on two axes, and the last on three, as PyTorch's kernels have it.
  if (position != position) return p.axes == 3 ? last : T(0);
  return position >= last && position > T(0) ? last : T(0);
}
int ls_inside(const T floor_position, const int size) {
  return floor_position >= T(0) && floor_position < T(size) ? int(floor_position) : -1;
}

Taps ls_cubic_taps(const T position, const int size, const T slope) {
  Taps taps;
  bool finite = ls_finite(position);
  T first = floor(position), t = finite ? position - first : ls_nan();  // and so are the weights
  taps.lost = !finite && ls_padding == 0u;
  taps.count = 4;
  const T a = T(-0.75);
  for (int k = 0; k < 4; ++k) {
    T x = k == 0 ? t + T(1) : k == 1 ? t : k == 2 ? T(1) - t : (T(1) - t) + T(1), direction = k < 2 ? slope : -slope, unused = T(1);
    bool near = k == 1 || k == 2;
    taps.weight[k] = near ? ((a + T(2)) * x - (a + T(3))) * x * x + T(1) : ((a * x - T(5) * a) * x + T(8) * a) * x - T(4) * a;
    taps.slope[k] = direction * (near ? (T(3) * (a + T(2)) * x - T(2) * (a + T(3))) * x : (T(3) * a * x - T(10) * a) * x + T(8) * a);
    taps.index[k] = ls_inside(floor(ls_padded(first - T(1) + T(k), size, unused)), size);
  }
  return taps;
}

// Halves to the even integer; not by roundEven(), as round in library/math.glsl.
T ls_nearest(const T position) {
  T whole = floor(position), rest = position - whole;
  bool odd = floor(whole * T(0.5)) != whole * T(0.5);
  return rest > T(0.5) || (rest == T(0.5) && odd) ? whole + T(1) : whole;
}

Taps ls_taps(const T coordinate, const int size) {
  T slope = T(ls_align_corners ? size - 1 : size) / T(2);
  precise T position = ls_align_corners ? (coordinate + T(1)) / T(2) * T(size - 1) : ((coordinate + T(1)) * T(size) - T(1)) / T(2);
  if (ls_kind == LS_CUBIC) return ls_cubic_taps(position, size, slope);
  position = ls_padded(position, size, slope);
  Taps taps;
  taps.lost = !ls_finite(position) && ls_kind == LS_LINEAR;
  if (!(abs(position) < T(2147483648.0))) {
    taps.count = 0;
    return taps;
  }
  if (ls_kind == LS_NEAREST) {
    taps.count = 1;
    taps.index[0] = ls_inside(ls_nearest(position), size);
    taps.weight[0] = T(1);
    taps.slope[0] = T(0);
    return taps;
  }
  T first = floor(position);
  taps.count = 2;
  taps.index[0] = ls_inside(first, size);
  taps.index[1] = ls_inside(first + T(1), size);
  taps.weight[0] = (first + T(1)) - position;
  taps.weight[1] = position - first;
  taps.slope[0] = -slope;
  taps.slope[1] = slope;
  return taps;
}
// The taps of an absent axis.
Taps ls_single() {
  Taps taps;
  taps.count = 1;
  taps.lost = false;
  taps.index[0] = 0;
  taps.weight[0] = T(1);
  taps.slope[0] = T(0);
  return taps;
}
// Binds the taps of the point at `grid[at]` to a[3]: from depth to width.
#define LS_POINT_TAPS(a, grid, at)                                                                    \
  Taps a[3];                                                                                          \
  a[0] = p.axes > 2 ? ls_taps(grid[at + 2u], p.size.x) : ls_single();                                 \
  a[1] = p.axes > 1 ? ls_taps(grid[at + 1u], p.size.y) : ls_single();                                 \
  a[2] = ls_taps(grid[at], p.size.z)
// What elements outside the image add to a value and to its slopes: nothing, or NaN. Two axes, as PyTorch's kernel for them does it: the elements count as
// zeros, and where a position is no finite number, their weights are NaN.
void ls_outside(const Taps a[3], out T value, out T slope[3]) {
  value = T(0);
  slope[0] = slope[1] = slope[2] = T(0);
  if (p.axes != 2) return;
  for (int i = 1; i < 3; ++i) {
    if (!a[i].lost) continue;
    value = slope[3 - i] = ls_nan();
    if (ls_kind == LS_CUBIC) slope[i] = ls_nan();
  }
}
