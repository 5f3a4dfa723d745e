#version 450
#extension GL_GOOGLE_include_directive : require
// Householder's reflections of a few columns of each matrix, a workgroup a matrix; ops/qr.h.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
#include "common/matrix.glsl"
layout(local_size_x = 256) in;
layout(constant_id = 0) const uint COLUMNS = 32;  // a power of 2; the panel has no more
const uint LANES = 256u / COLUMNS;                // that share a column
layout(std430, set = 0, binding = 1) coherent buffer Target { T target[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Tau { T tau[]; };
layout(push_constant) uniform Push {
  Matrix target;
  uint rows, first, size, tau_count, batches;
} p;
shared T parts[256];

uint batch, lane;

uint at(const uint i, const uint j) { return element_of(p.target, batch, i, j); }

void wait() {
  memoryBarrierBuffer();
  barrier();
}

T larger(const T a, const T b) { return a != a || b <= a ? a : b; }  // NaN where one is

T join(const T value, const bool maximum) {
  parts[lane] = value;
  barrier();
  for (uint step = 128u; step > 0u; step >>= 1) {
    if (lane < step) {
      T other = parts[lane + step];
      parts[lane] = maximum ? larger(parts[lane], other) : parts[lane] + other;
    }
    barrier();
  }
  T joined = parts[0];
  barrier();
  return joined;
}

T length_of(const T a, const T b) {
  T x = a < T(0) ? -a : a, top = x > b ? x : b, low = x > b ? b : x, ratio = low / top;
  return top * sqrt(T(1) + ratio * ratio);
}

// Makes column j into (beta, v) and gives tau.
T make_reflector(const uint j) {
  T most = T(0), sum = T(0);
  for (uint i = j + 1u + lane; i < p.rows; i += 256u) {
    T value = target[at(i, j)];
    most = larger(most, value < T(0) ? -value : value);
  }
  most = join(most, true);
  if (most == T(0)) return T(0);
  for (uint i = j + 1u + lane; i < p.rows; i += 256u) {
    T value = target[at(i, j)] / most;
    sum += value * value;
  }
  sum = join(sum, false);
  T alpha = target[at(j, j)], size = length_of(alpha, most * sqrt(sum)), beta = alpha < T(0) ? size : -size;
  barrier();
  for (uint i = j + 1u + lane; i < p.rows; i += 256u) target[at(i, j)] /= alpha - beta;
  if (lane == 0u) target[at(j, j)] = beta;
  return (beta - alpha) / beta;
}

void main() {
  batch = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  lane = gl_LocalInvocationID.x;
  if (batch >= p.batches) return;
  uint column = lane % COLUMNS, part = lane / COLUMNS;
  for (uint c = 0u; c < p.size; ++c) {
    uint j = p.first + c, other = p.first + column;
    T factor = make_reflector(j), sum = T(0);
    if (lane == 0u) tau[batch * p.tau_count + j] = factor;
    wait();
    bool takes = column > c && column < p.size;
    if (takes)
      for (uint i = j + 1u + part; i < p.rows; i += LANES) sum += target[at(i, j)] * target[at(i, other)];
    parts[lane] = sum;
    barrier();
    T total = takes ? target[at(j, other)] : T(0);
    for (uint k = 0u; k < LANES; ++k) total += parts[column + k * COLUMNS];
    total *= factor;
    wait();
    if (takes) {
      if (part == 0u) target[at(j, other)] -= total;
      for (uint i = j + 1u + part; i < p.rows; i += LANES) target[at(i, other)] -= total * target[at(i, j)];
    }
    wait();
  }
}
