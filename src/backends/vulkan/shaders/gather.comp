#version 450
// Copies elements by number; ~0 gives 0. Elements are bits: of 1 and 2 bytes they come out as words, of which the low bits count.
// VARIANT b1 -DBYTES=1
// VARIANT b2 -DBYTES=2
// VARIANT b4 -DBYTES=4
// VARIANT b8 -DBYTES=8
#if BYTES == 8
#define T uvec2
#else
#define T uint
#endif
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) readonly buffer Elements { uint elements[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Target { T target[]; };
layout(push_constant) uniform Push {
  uint count, rank;
  int sizes[8], source_strides[8], element_strides[8];
} p;

T load(const uint element) {
#if BYTES >= 4
  return source[element];
#elif BYTES == 2
  return source[element >> 1] >> ((element & 1u) * 16u) & 0xffffu;
#else
  return source[element >> 2] >> ((element & 3u) * 8u) & 0xffu;
#endif
}

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint rest = item, at = 0u, step = 0u;
  for (int axis = int(p.rank) - 1; axis >= 0; --axis) {
    uint size = uint(p.sizes[axis]), coordinate = rest % size;
    step += coordinate * uint(p.source_strides[axis]);
    at += coordinate * uint(p.element_strides[axis]);
    rest /= size;
  }
  uint element = elements[at];
  target[item] = element == ~0u ? T(0) : load(element + step);
}
