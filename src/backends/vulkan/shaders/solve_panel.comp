#version 450
#extension GL_GOOGLE_include_directive : require
// Solves a triangular system of at most 32 rows in place, an invocation a column. An upper one is a lower one whose rows and columns go backwards.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
#include "common/matrix.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) buffer Target { T target[]; };
layout(push_constant) uniform Push {
  Matrix source, target;
  uint size, columns, upper, unit;
} p;
shared T tile[32][33];

uint place(const uint i) { return p.upper != 0u ? p.size - 1u - i : i; }

void main() {
  uint batch = gl_WorkGroupID.z, column = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  for (uint at = gl_LocalInvocationID.x; at < p.size * p.size; at += 64u) {
    uint i = at / p.size, j = at % p.size;
    if (j <= i) tile[i][j] = source[element_of(p.source, batch, place(i), place(j))];
  }
  barrier();
  if (column >= p.columns) return;
  T x[32];
  for (uint i = 0u; i < p.size; ++i) {
    uint at = element_of(p.target, batch, place(i), column);
    T value = target[at];
    for (uint k = 0u; k < i; ++k) value -= tile[i][k] * x[k];
    if (p.unit == 0u) value /= tile[i][i];
    x[i] = value;
    target[at] = value;
  }
}
