#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of pool.comp: an element of the input sums what the windows that hold it give it, some of the windows in a dispatch.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
#define LS_INDEX_ERROR_BINDING 4
#include "common/division.glsl"
#include "common/index_error.glsl"
#include "common/pool_geometry.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Gradient { T gradient[]; };
layout(std430, set = 0, binding = 2) readonly buffer Indices { uvec2 indices[]; };
layout(std430, set = 0, binding = 3) buffer Target { T target[]; };

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  ivec3 size = g.input_size.xyz, outputs = g.output_size.xyz;
  if (MAXIMUM && starts() && item < p.other_count) {
    uvec2 index = indices[item], bound = uvec2(uint(size.x * size.y * size.z), 0u);
    if (index.y != 0u || index.x >= bound.x) ls_report_index64(p.command, index, bound);
  }
  if (item >= p.count) return;
  uint plane;
  ivec3 y = split(item, size, plane), first, last;  // windows that may hold y
  if (ADAPTIVE) {
    first = divide(y * outputs, size);
    last = min(divide((y + 1) * outputs + size - 1, size) - 1, outputs - 1);
  } else {
    ivec3 reach = g.dilation.xyz * (g.kernel.xyz - 1);
    first = divide(max(y + g.padding.xyz - reach, ivec3(0)) + g.stride.xyz - 1, g.stride.xyz);
    last = min(divide(y + g.padding.xyz, g.stride.xyz), outputs - 1);
  }
  ivec3 low = first + p.first.xyz, high = min(first + p.end.xyz - 1, last);
  uint from = plane * uint(outputs.x * outputs.y * outputs.z), me = uint((y.x * size.y + y.y) * size.z + y.z);
  T sum = T(0);
  if (!starts()) sum = target[item];
  for (int a = low.x; a <= high.x; ++a)
    for (int b = low.y; b <= high.y; ++b)
      for (int c = low.z; c <= high.z; ++c) {
        uint at = from + uint((a * outputs.y + b) * outputs.z + c);
        if (MAXIMUM) {
          if (indices[at].x == me) sum += gradient[at];
        } else {
          ivec3 begin, end;
          window_of(ivec3(a, b, c), begin, end);
          bool inside = all(greaterThanEqual(y, begin)) && all(lessThan(y, end));
          if (inside) sum += gradient[at] / T(divisor_of(begin, end));
        }
      }
  target[item] = sum;
}
