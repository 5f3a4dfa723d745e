#version 450
#extension GL_GOOGLE_include_directive : require
// One index of gather or scatter: element += index * stride, or ~0 where the index passes its bound. The first index starts from the base's element.
// VARIANT i32 -DWORDS=1
// VARIANT i64 -DWORDS=2
#define LS_INDEX_ERROR_BINDING 3
#include "common/index_error.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Index { uint index[]; };
layout(std430, set = 0, binding = 2) buffer Elements { uint elements[]; };
layout(push_constant) uniform Push {
  uint count, rank, start, first, stride, bound, wrap, command;
  int sizes[8], strides[8];
} p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint low = index[item * WORDS];
  uint high = WORDS == 2 ? index[item * WORDS + WORDS - 1] : uint(int(low) >> 31);
  bool negative = high == ~0u && (low & 0x80000000u) != 0u;
  uint value = negative && p.wrap != 0u ? low + p.bound : low;
  bool fits = high == 0u || (negative && p.wrap != 0u && value < low);  // the sum passes 2^32 where the wrapped index is not negative
  bool inside = fits && value < p.bound;
  if (!inside) ls_report_index64(p.command, uvec2(low, high), uvec2(p.bound, 0u));
  uint element = p.start;
  if (p.first == 0u) {
    element = elements[item];
  } else {
    uint rest = item;
    for (int axis = int(p.rank) - 1; axis >= 0; --axis) {
      uint size = uint(p.sizes[axis]);
      element += rest % size * uint(p.strides[axis]);
      rest /= size;
    }
  }
  elements[item] = inside && element != ~0u ? element + value * p.stride : ~0u;
}
