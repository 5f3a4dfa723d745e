#version 450
#extension GL_GOOGLE_include_directive : require
// The Cholesky factor of a block of at most 32 rows in place, a workgroup a matrix and a row an invocation.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DF64
#ifdef F64
#include "library/math_f64.glsl"
#else
#include "library/math_f32.glsl"
#endif
#include "common/matrix.glsl"
layout(local_size_x = 32) in;
layout(std430, set = 0, binding = 1) buffer Target { T target[]; };
layout(std430, set = 0, binding = 2) buffer Info { int info[]; };
layout(push_constant) uniform Push {
  Matrix target;
  uint size, first, batches;
} p;
shared T tile[32][33];

void main() {
  uint batch = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, row = gl_LocalInvocationID.x;
  if (batch >= p.batches) return;
  bool present = row < p.size;
  for (uint j = 0u; j < p.size; ++j) tile[row][j] = present ? target[element_of(p.target, batch, row, j)] : T(0);
  bool failed = info[batch] != 0;
  barrier();
  for (uint j = 0u; j < p.size; ++j) {
    T pivot = tile[j][j];
    bool positive = pivot > T(0);
    T root = positive ? sqrt(pivot) : NAN;
    barrier();
    if (row == j) {
      tile[j][j] = root;
      if (!positive && !failed) info[batch] = int(p.first + j + 1u);
    }
    failed = failed || !positive;
    if (row > j) tile[row][j] /= root;
    barrier();
    if (present && row > j)
      for (uint k = j + 1u; k <= row; ++k) tile[row][k] -= tile[row][j] * tile[k][j];
    barrier();
  }
  if (present)
    for (uint j = 0u; j < p.size; ++j) target[element_of(p.target, batch, row, j)] = tile[row][j];
}
