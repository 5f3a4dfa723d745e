// Regular resampling along one axis, in T: which elements make output x, and with what weight. ls_geometry comes from the uniform block.
const uint LS_NEAREST = 0u, LS_NEAREST_EXACT = 1u, LS_LINEAR = 2u, LS_CUBIC = 3u;
layout(constant_id = 0) const uint ls_kind = 0u;  // ResampleKind
layout(constant_id = 1) const bool ls_align_corners = false;
layout(constant_id = 2) const bool ls_antialias = false;

// Cubic convolution at distance `x` in 0..1 and 1..2.
T ls_cubic_near(const T x, const T a) { return ((a + T(2)) * x - (a + T(3))) * x * x + T(1); }
T ls_cubic_far(const T x, const T a) { return ((a * x - T(5) * a) * x + T(8) * a) * x - T(4) * a; }

T ls_position(const int x, const T scale) {
  if (ls_kind == LS_NEAREST || (ls_align_corners && ls_kind >= LS_LINEAR)) return T(x) * scale;
  precise T position = (T(x) + T(0.5)) * scale;  // as every device computes it: an ulp decides which element is read
  if (ls_kind == LS_NEAREST_EXACT) return position;
  position -= T(0.5);
  return ls_kind == LS_LINEAR ? max(position, T(0)) : position;
}
// How far from its position output x reads at most.
T ls_support(const T scale) {
  precise T half_width = ls_kind == LS_CUBIC ? T(2) : T(1);
  precise T wide = half_width * scale;
  return ls_antialias && scale > T(1) ? wide : half_width;
}
// first..end of the elements that output x reads.
ivec2 ls_inputs(const int x, const T scale, const int inputs) {
  if (ls_antialias) {
    // As every device computes it: an ulp decides which elements are read.
    precise T center = scale * (T(x) + T(0.5)), support = ls_support(scale);
    precise T low = center - support + T(0.5), high = center + support + T(0.5);
    int first = clamp(int(low), 0, inputs - 1);
    return ivec2(first, clamp(int(high), first + 1, inputs));
  }
  int first = int(floor(ls_position(x, scale)));
  if (ls_kind <= LS_NEAREST_EXACT) return ivec2(0, 1) + min(first, inputs - 1);
  ivec2 reach = ls_kind == LS_LINEAR ? ivec2(first, first + 1) : ivec2(first - 1, first + 2);
  return clamp(reach, ivec2(0), ivec2(inputs - 1)) + ivec2(0, 1);
}
T ls_filter(T x) {
  x = abs(x);
  if (ls_kind == LS_LINEAR) return x < T(1) ? T(1) - x : T(0);
  return x < T(1) ? ls_cubic_near(x, T(-0.5)) : x < T(2) ? ls_cubic_far(x, T(-0.5)) : T(0);
}
T ls_antialias_weight(const int x, const int i, const T scale) {
  return ls_filter((T(i) - scale * (T(x) + T(0.5)) + T(0.5)) * (scale >= T(1) ? T(1) / scale : T(1)));
}
// What the antialias weights of output x add up to.
T ls_total(const int x, const T scale, const int inputs) {
  if (!ls_antialias) return T(1);
  ivec2 range = ls_inputs(x, scale, inputs);
  T total = T(0);
  for (int i = range.x; i < range.y; ++i) total += ls_antialias_weight(x, i, scale);
  return total == T(0) ? T(1) : total;
}
// The weight with which output x reads element i, of those that ls_inputs names.
T ls_weight(const int x, const int i, const T scale, const int inputs, const T total) {
  if (ls_kind <= LS_NEAREST_EXACT) return T(1);
  if (ls_antialias) return ls_antialias_weight(x, i, scale) / total;
  T position = ls_position(x, scale);
  int last = inputs - 1, first = min(int(floor(position)), last);
  T fraction = clamp(position - T(first), T(0), T(1)), weight = T(0);
  if (ls_kind == LS_LINEAR) {
    if (i == first) weight += T(1) - fraction;
    if (i == min(first + 1, last)) weight += fraction;
    return weight;
  }
  const T a = T(-0.75);
  if (i == clamp(first - 1, 0, last)) weight += ls_cubic_far(fraction + T(1), a);
  if (i == clamp(first, 0, last)) weight += ls_cubic_near(fraction, a);
  if (i == clamp(first + 1, 0, last)) weight += ls_cubic_near(T(1) - fraction, a);
  if (i == clamp(first + 2, 0, last)) weight += ls_cubic_far((T(1) - fraction) + T(1), a);
  return weight;
}
// first..end of outputs among which are all that read element i: positions grow with x, and the edges also take what lies beyond.
ivec2 ls_outputs(const int i, const T scale, const int inputs, const int outputs) {
  if (scale == T(0)) return ivec2(0, outputs);
  T support = ls_support(scale) + T(1);
  T low = (T(i) - support) / scale - T(2), high = (T(i) + T(1) + support) / scale + T(2);
  int first = i == 0 || low <= T(0) ? 0 : int(min(low, T(outputs)));
  int end = i == inputs - 1 || high >= T(outputs) ? outputs : int(max(high, T(0)));
  return ivec2(first, end);
}
