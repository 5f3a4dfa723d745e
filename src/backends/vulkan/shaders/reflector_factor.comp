#version 450
#extension GL_GOOGLE_include_directive : require
// The upper triangular T with H_0 H_1 ... = I - V T V^T (Schreiber and Van Loan, 1989) from V^T V and the factors, a workgroup a matrix and a row an invocation.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
#include "common/matrix.glsl"
layout(local_size_x = 32) in;
layout(std430, set = 0, binding = 1) readonly buffer Squares { T squares[]; };
layout(std430, set = 0, binding = 2) readonly buffer Tau { T tau[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Target { T target[]; };
layout(push_constant) uniform Push {
  Matrix tau;
  uint size, batches;
} p;
shared T tile[32][33];

void main() {
  uint batch = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, row = gl_LocalInvocationID.x;
  if (batch >= p.batches) return;
  uint base = batch * p.size * p.size;
  for (uint j = 0u; j < p.size; ++j) {
    T factor = tau[element_of(p.tau, batch, j, 0u)], sum = T(0);
    for (uint k = row; k < j; ++k) sum += tile[row][k] * squares[base + k * p.size + j];
    tile[row][j] = row < j ? -factor * sum : row == j ? factor : T(0);
  }
  if (row < p.size)
    for (uint j = 0u; j < p.size; ++j) target[base + row * p.size + j] = tile[row][j];
}
