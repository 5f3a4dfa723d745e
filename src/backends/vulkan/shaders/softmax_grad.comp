#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of softmax.comp's rows.
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
layout(std430, set = 0, binding = 1) readonly buffer Gradient { T gradient[]; };
layout(std430, set = 0, binding = 2) readonly buffer Result { T result[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Target { T target[]; };
layout(push_constant) uniform Push {
  uint rows, extent;
} p;
shared T parts[LANES];

void main() {
  uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  if (row >= p.rows) return;
  uint from = row * p.extent, lane = gl_LocalInvocationID.x;
  State running = start(T(0));  // many equal numbers would drift
  for (uint i = lane; i < p.extent; i += LANES)
    running = add(running, LOG ? gradient[from + i] : gradient[from + i] * result[from + i]);
  parts[lane] = result_of(running);
  barrier();
  T sum = parts[0];
  for (uint i = 1u; i < LANES; ++i) sum += parts[i];
  for (uint i = lane; i < p.extent; i += LANES) {
    T g = gradient[from + i], y = result[from + i];
    target[from + i] = LOG ? g - F(exp)(y) * sum : y * (g - sum);
  }
}
