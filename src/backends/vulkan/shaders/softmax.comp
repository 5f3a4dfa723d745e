#version 450
#extension GL_GOOGLE_include_directive : require
// Softmax of rows, a workgroup each.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DF64
#ifdef F64
#include "library/math_f64.glsl"
#else
#include "library/math_f32.glsl"
#endif
const int KIND = 0;
#include "common/compensated.glsl"
layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const bool LOG = false;
layout(constant_id = 2) const bool ATTENTION = false;  // rows of -inf give zeros; logsumexp is kept
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Target { T target[]; };
layout(std430, set = 0, binding = 3) writeonly buffer LogSum { T log_sum[]; };
layout(push_constant) uniform Push {
  uint rows, extent;
} p;
shared T parts[LANES];

T join(T value, bool maximum) {
  uint lane = gl_LocalInvocationID.x;
  parts[lane] = value;
  barrier();
  T joined = parts[0];
  for (uint i = 1u; i < LANES; ++i) joined = maximum ? max(joined, parts[i]) : joined + parts[i];
  barrier();
  return joined;
}

void main() {
  uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  if (row >= p.rows) return;
  uint from = row * p.extent, lane = gl_LocalInvocationID.x;
  T top = -INFINITY;
  for (uint i = lane; i < p.extent; i += LANES) top = max(top, source[from + i]);
  top = join(top, true);
  bool empty = ATTENTION && top == -INFINITY;
  T base = empty ? T(0) : top;
  State running = start(T(0));  // many equal numbers would drift
  for (uint i = lane; i < p.extent; i += LANES) running = add(running, F(exp)(source[from + i] - base));
  T sum = join(result_of(running), false);
  T log_of_sum = F(log)(sum);
  for (uint i = lane; i < p.extent; i += LANES) {
    T x = source[from + i] - base;
    target[from + i] = LOG ? x - log_of_sum : empty ? T(0) : F(exp)(x) / sum;
  }
  if (ATTENTION && lane == 0u) log_sum[row] = empty ? -INFINITY : base + log_of_sum;
}
