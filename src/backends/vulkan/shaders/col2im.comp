#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of a convolution's windows: each element of the input sums what the windows that hold it received. `columns` is [channels * kernel, windows].
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
#include "common/division.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Columns { T columns[]; };
layout(std430, set = 0, binding = 2) buffer Target { T target[]; };
layout(std140, set = 0, binding = 0) uniform Geometry {
  ivec4 input_size, output_size, kernel, stride, dilation, padding;
  ivec4 spatial_stride;
  ivec4 other;
} g;
layout(push_constant) uniform Push {
  ivec4 first, end;  // the taps of this dispatch, of those that each element has, after those of earlier ones
  uint count;     // images * channels * input elements
  uint channels;  // of the group
  uint windows;   // columns
  uint base, image_stride;  // of target
} p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint plane = uint(g.input_size.x * g.input_size.y * g.input_size.z);
  uint nc = fast_divide(item, plane), y = item - nc * plane;
  uint n = fast_divide(nc, p.channels), c = nc - n * p.channels;
  uint y01 = fast_divide(y, uint(g.input_size.z)), y0 = fast_divide(y01, uint(g.input_size.y));
  ivec3 at = ivec3(y0, y01 - y0 * uint(g.input_size.y), y - y01 * uint(g.input_size.z)) + g.padding.xyz;
  // The taps through which windows hold it, or come close.
  ivec3 past = max(at - (g.output_size.xyz - 1) * g.stride.xyz, ivec3(0)) + g.dilation.xyz - 1;
  ivec3 from = ivec3(fast_divide(uint(past.x), uint(g.dilation.x)), fast_divide(uint(past.y), uint(g.dilation.y)), fast_divide(uint(past.z), uint(g.dilation.z)));
  ivec3 last = ivec3(fast_divide(uint(at.x), uint(g.dilation.x)), fast_divide(uint(at.y), uint(g.dilation.y)), fast_divide(uint(at.z), uint(g.dilation.z)));
  ivec3 low = from + p.first.xyz, high = min(from + p.end.xyz - 1, min(last, g.kernel.xyz - 1));
  uint to = p.base + n * p.image_stride + c * plane + y;
  T sum = T(0);
  if (any(notEqual(p.first.xyz, ivec3(0)))) sum = target[to];
  for (int t0 = low.x; t0 <= high.x; ++t0)
    for (int t1 = low.y; t1 <= high.y; ++t1)
      for (int t2 = low.z; t2 <= high.z; ++t2) {
        ivec3 d = at - ivec3(t0, t1, t2) * g.dilation.xyz;
        bool inside = all(greaterThanEqual(d, ivec3(0)));
        ivec3 e = inside ? d : ivec3(0);
        ivec3 x = ivec3(fast_divide(uint(e.x), uint(g.stride.x)), fast_divide(uint(e.y), uint(g.stride.y)), fast_divide(uint(e.z), uint(g.stride.z)));
        inside = inside && x * g.stride.xyz == e && all(lessThan(x, g.output_size.xyz));
        uint row = c * uint(g.other.z) + uint((t0 * g.kernel.y + t1) * g.kernel.z + t2);
        uint column = n * uint(g.other.w) + uint((x.x * g.output_size.y + x.y) * g.output_size.z + x.z);
        T value = columns[inside ? row * p.windows + column : 0u];
        sum += inside ? value : T(0);
      }
  target[to] = sum;
}
