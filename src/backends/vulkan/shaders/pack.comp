#version 450
#extension GL_GOOGLE_include_directive : require
// Brings a matrix into the order in which gemm reads it, padded with zeros: rows of a (ROWS: [batch][j][k]) or panels of 64 columns of b ([batch][j / 64][k][64]).
// An invocation writes four neighbours. VARIANT conv reads a convolution's input as the matrix of its windows (im2col).
// VARIANT f32 -DT=float -DWIDE
// VARIANT f64 -DT=double
// VARIANT i32 -DT=int
// VARIANT i64w -DT=uvec2
// VARIANT conv_f32 -DT=float -DWIDE -DCONV
// VARIANT conv_f64 -DT=double -DCONV
// VARIANT f16 -DT=uint -DHALVES
// VARIANT conv_f16 -DT=uint -DHALVES -DCONV
#include "common/division.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool PANELS = true;
layout(constant_id = 1) const bool TRANSPOSED = false;  // conv: k counts windows and j their elements

#ifdef HALVES  // elements are moved as their bits, two in a word
layout(std430, set = 0, binding = 1) readonly buffer Source { uint words[]; };
T load(uint at) { return words[at >> 1] >> ((at & 1u) * 16u) & 0xffffu; }
layout(std430, set = 0, binding = 2) writeonly buffer Target { uvec2 target[]; };
#else
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
T load(uint at) { return source[at]; }
#ifdef WIDE
layout(std430, set = 0, binding = 2) writeonly buffer Target { vec4 target[]; };
#else
layout(std430, set = 0, binding = 2) writeonly buffer Target { T target[]; };
#endif
#endif
layout(push_constant) uniform Push {
  uint k, j;                  // valid sizes
  uint padded_k, padded_j;    // padded_j: a multiple of 64 for panels
  uint base;                  // first element
  int k_stride, k_outer_stride;
  uint k_split;               // k = (k / k_split, k % k_split)
  int j_stride, j_outer_stride;
  uint j_split;
  int batch_stride;
  uint first_j;               // conv: windows before the first
} p;

#ifdef CONV
layout(std140, set = 0, binding = 0) uniform Geometry {
  ivec4 input_size, output_size, kernel, stride, dilation, padding;  // three spatial axes each
  ivec4 spatial_stride;
  ivec4 other;  // stride of n, stride of c, kernel's elements, output's elements
} g;

struct Tap {
  int offset;
  ivec3 shift;
};
Tap tap_of(uint element) {  // of a window
  uint c = fast_divide(element, uint(g.other.z)), t = element - c * uint(g.other.z);
  uint t01 = fast_divide(t, uint(g.kernel.z)), t0 = fast_divide(t01, uint(g.kernel.y));
  ivec3 at = ivec3(t0, t01 - t0 * uint(g.kernel.y), t - t01 * uint(g.kernel.z));
  return Tap(int(c) * g.other.y, at * g.dilation.xyz - g.padding.xyz);
}
struct Window {
  int offset;
  ivec3 at;
};
Window window_of(uint number) {
  uint n = fast_divide(number, uint(g.other.w)), x = number - n * uint(g.other.w);
  uint x01 = fast_divide(x, uint(g.output_size.z)), x0 = fast_divide(x01, uint(g.output_size.y));
  return Window(int(n) * g.other.x, ivec3(x0, x01 - x0 * uint(g.output_size.y), x - x01 * uint(g.output_size.z)));
}
T sample_at(Window window, Tap tap) {
  ivec3 y = window.at * g.stride.xyz + tap.shift;
  bool inside = all(greaterThanEqual(y, ivec3(0))) && all(lessThan(y, g.input_size.xyz));
  ivec3 clipped = inside ? y : ivec3(0);
  ivec3 step = clipped * g.spatial_stride.xyz;
  T value = load(uint(int(p.base) + window.offset + tap.offset + step.x + step.y + step.z));
  return inside ? value : T(0);
}
// One further along the windows.
Window next(Window window) {
  if (++window.at.z == g.output_size.z) {
    window.at.z = 0;
    if (++window.at.y == g.output_size.y) {
      window.at.y = 0;
      if (++window.at.x == g.output_size.x) {
        window.at.x = 0;
        window.offset += g.other.x;
      }
    }
  }
  return window;
}
#endif

void main() {
  uint four = PANELS ? 16u : p.padded_k / 4u;  // groups of four along the fast axis
  uint slow = PANELS ? p.padded_j / 64u * p.padded_k : p.padded_j;
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= four * slow) return;
  uint row = fast_divide(item, four), fast = (item - row * four) * 4u;
  uint batch = gl_WorkGroupID.z;
  uint k0, j0;
  if (PANELS) {
    uint panel = fast_divide(row, p.padded_k);
    k0 = row - panel * p.padded_k;
    j0 = panel * 64u + fast;
  } else {
    k0 = fast;
    j0 = row;
  }
  T values[4];
#ifdef CONV
  uint window0 = p.first_j + (TRANSPOSED ? k0 : j0), element0 = TRANSPOSED ? j0 : k0;
  Window window = window_of(window0);
  Tap tap = tap_of(element0);
  for (uint i = 0u; i < 4u; ++i) {
    uint k = PANELS ? k0 : k0 + i, j = PANELS ? j0 + i : j0;
    T value = T(0);
    if (k < p.k && j < p.j) value = sample_at(window, tap);
    values[i] = value;
    if (PANELS != TRANSPOSED) window = next(window);
    else tap = tap_of(element0 + i + 1u);
  }
#else
  for (uint i = 0u; i < 4u; ++i) {
    uint k = PANELS ? k0 : k0 + i, j = PANELS ? j0 + i : j0;
    uint ko = fast_divide(k, p.k_split), jo = fast_divide(j, p.j_split);
    int at = int(ko) * p.k_outer_stride + int(k - ko * p.k_split) * p.k_stride + int(jo) * p.j_outer_stride + int(j - jo * p.j_split) * p.j_stride +
             int(batch) * p.batch_stride;
    bool inside = k < p.k && j < p.j;
    T value = load(uint(int(p.base) + (inside ? at : 0)));
    values[i] = inside ? value : T(0);
  }
#endif
  uint to = batch * (p.padded_k * p.padded_j / 4u) + item;
#ifdef HALVES
  target[to] = uvec2(values[0] | values[1] << 16, values[2] | values[3] << 16);
#elif defined(WIDE)
  target[to] = vec4(values[0], values[1], values[2], values[3]);
#else
  for (uint i = 0u; i < 4u; ++i) target[to * 4u + i] = values[i];
#endif
}
