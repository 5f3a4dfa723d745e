#version 450
// How many elements of its sequence lie below each value (right: at or below), by halving. Elements are compared as keys that order as unsigned numbers: so f64 and
// i64 need no arithmetic of the device's. Those of 1 and 2 bytes lie in the high bits of a word.
// VARIANT b1 -DBYTES=1
// VARIANT b2 -DBYTES=2
// VARIANT b4 -DBYTES=4
// VARIANT b8 -DBYTES=8
#if BYTES == 8
#define T uvec2
#define TOP(x) x.y
#define IS_ZERO(m) ((m.x | m.y) == 0u)
#define IS_NAN(m) (m.y > infinity || (m.y == infinity && m.x != 0u))
#else
#define T uint
#define TOP(x) x
#define IS_ZERO(m) (m == 0u)
#define IS_NAN(m) (m > infinity)
#endif
#if BYTES >= 4
#define LOAD(elements, at) elements[at]
#elif BYTES == 2
#define LOAD(elements, at) (elements[(at) >> 1] >> (((at) & 1u) * 16u) << 16)
#else
#define LOAD(elements, at) (elements[(at) >> 2] >> (((at) & 3u) * 8u) << 24)
#endif
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kind = 0u;      // 0 unsigned, 1 signed, 2 float, 3 bool
layout(constant_id = 1) const uint infinity = 0u;  // the high word of a float's
layout(constant_id = 2) const bool right = false;
layout(constant_id = 3) const uint words = 1u;  // of a count
layout(std430, set = 0, binding = 1) readonly buffer Sequence { T sequence[]; };
layout(std430, set = 0, binding = 2) readonly buffer Values { T values[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Counts { uint counts[]; };
layout(push_constant) uniform Push {
  uint count, rank, start, stride, bound;
  int sizes[8], strides[8];  // of the axes along which sequences differ, and those inside them
} p;

#if BYTES == 8
bool less(const uvec2 a, const uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }
#else
bool less(const uint a, const uint b) { return a < b; }
#endif

// 0 and ~0 are the keys of no number, where `kind` is float.
T key_of(T bits, const uint nan) {
  if (kind == 1u) TOP(bits) ^= 0x80000000u;
  if (kind == 2u) {
    T magnitude = bits;
    TOP(magnitude) &= 0x7fffffffu;
    bool negative = (TOP(bits) & 0x80000000u) != 0u;
    if (IS_NAN(magnitude)) bits = T(nan);
    else if (negative && !IS_ZERO(magnitude)) bits = ~bits;
    else {
      bits = magnitude;
      TOP(bits) |= 0x80000000u;
    }
  }
#if BYTES == 1
  if (kind == 3u) bits = min(bits, 1u);
#endif
  return bits;
}

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint rest = item, first = p.start;
  for (int axis = int(p.rank) - 1; axis >= 0; --axis) {
    uint size = uint(p.sizes[axis]);
    first += rest % size * uint(p.strides[axis]);
    rest /= size;
  }
  T value = key_of(LOAD(values, item), ~0u);
  uint low = 0u, high = p.bound;
  while (low < high) {
    uint middle = low + (high - low) / 2u, at = first + middle * p.stride;
    T element = key_of(LOAD(sequence, at), 0u);  // NaN is above no value
    bool above = right ? less(value, element) : !less(element, value);
    if (above) high = middle;
    else low = middle + 1u;
  }
  counts[item * words] = low;
  if (words == 2u) counts[item * words + 1u] = 0u;
}
