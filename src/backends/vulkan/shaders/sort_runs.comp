#version 450
// The start of a sort: keys that order as unsigned numbers, each run of 16 sorted by insertion, which is stable.
// VARIANT b4 -DT=uint
// VARIANT b8 -DT=uvec2 -DWIDE
#define RUN 16
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kind = 0u;  // KeyKind
layout(constant_id = 1) const bool descending = false;
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Keys { T keys[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Positions { uint positions[]; };
layout(push_constant) uniform Push { uint rows, row_size, runs; } p;

#ifdef WIDE
#define TOP(x) x.y
#define IS_NAN(m) (m.y > 0x7ff00000u || (m.y == 0x7ff00000u && m.x != 0u))
#define IS_ZERO(m) ((m.x | m.y) == 0u)
bool less(const uvec2 a, const uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }
#else
#define TOP(x) x
#define IS_NAN(m) (m > 0x7f800000u)
#define IS_ZERO(m) (m == 0u)
bool less(const uint a, const uint b) { return a < b; }
#endif

T key_of(T bits) {
  if (kind == 1u) TOP(bits) ^= 0x80000000u;
  if (kind == 2u) {
    T magnitude = bits;
    TOP(magnitude) &= 0x7fffffffu;
    bool negative = (TOP(bits) & 0x80000000u) != 0u;
    if (IS_NAN(magnitude)) bits = T(~0u);
    else if (negative && !IS_ZERO(magnitude)) bits = ~bits;
    else {
      bits = magnitude;
      TOP(bits) |= 0x80000000u;
    }
  }
  return descending ? ~bits : bits;
}

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.rows * p.runs) return;
  uint row = item / p.runs, first = (item - row * p.runs) * RUN, count = min(RUN, p.row_size - first);
  uint base = row * p.row_size + first;
  T own[RUN];
  uint from[RUN];
  for (uint i = 0u; i < count; ++i) {
    T key = key_of(source[base + i]);
    uint at = i;
    for (; at > 0u && less(key, own[at - 1u]); --at) {
      own[at] = own[at - 1u];
      from[at] = from[at - 1u];
    }
    own[at] = key;
    from[at] = first + i;
  }
  for (uint i = 0u; i < count; ++i) {
    keys[base + i] = own[i];
    positions[base + i] = from[i];
  }
}
