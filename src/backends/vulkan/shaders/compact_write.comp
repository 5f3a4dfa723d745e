#version 450
// Writes the numbers of the elements that are not 0, each chunk of 64 from where those before it end; the last chunk writes how many there are.
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint words = 1u;
layout(constant_id = 1) const uint sign = 0u;
layout(std430, set = 0, binding = 1) readonly buffer Mask { uint mask[]; };
layout(std430, set = 0, binding = 2) readonly buffer Starts { uint starts[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Positions { uvec2 positions[]; };
layout(std430, set = 0, binding = 4) writeonly buffer Total { uvec2 total[]; };
layout(push_constant) uniform Push { uint count, chunks; } p;

bool is_set(const uint i) { return (mask[i * words + words - 1u] & ~sign) != 0u || (words == 2u && mask[i * words] != 0u); }

void main() {
  uint chunk = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (chunk >= p.chunks) return;
  uint end = min(chunk * 64u + 64u, p.count), to = starts[chunk];
  for (uint i = chunk * 64u; i < end; ++i)
    if (is_set(i)) positions[to++] = uvec2(i, 0u);
  if (chunk == p.chunks - 1u) total[0] = uvec2(to, 0u);
}
