#version 450
// Merges neighbouring sorted runs of each row: an element's place is its place in its own run and how many of the other run come before it. Of equal
// keys those of the first run come first.
// VARIANT b4 -DT=uint
// VARIANT b8 -DT=uvec2 -DWIDE
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Keys { T keys[]; };
layout(std430, set = 0, binding = 2) readonly buffer Positions { uint positions[]; };
layout(std430, set = 0, binding = 3) writeonly buffer MergedKeys { T merged_keys[]; };
layout(std430, set = 0, binding = 4) writeonly buffer MergedPositions { uint merged_positions[]; };
layout(push_constant) uniform Push { uint count, row_size, width; } p;

#ifdef WIDE
bool less(const uvec2 a, const uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }
#else
bool less(const uint a, const uint b) { return a < b; }
#endif

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint row = item / p.row_size, base = row * p.row_size, i = item - base;
  uint start = i / p.width / 2u * p.width * 2u, middle = min(start + p.width, p.row_size), end = min(middle + p.width, p.row_size);
  bool second = i >= middle;
  T key = keys[item];
  uint low = second ? start : middle, high = second ? middle : end, other = low;
  while (low < high) {
    uint half_way = low + (high - low) / 2u;
    T there = keys[base + half_way];
    if (second ? !less(key, there) : less(there, key)) low = half_way + 1u;
    else high = half_way;
  }
  uint place = base + start + (i - (second ? middle : start)) + (low - other);
  merged_keys[place] = key;
  merged_positions[place] = positions[item];
}
