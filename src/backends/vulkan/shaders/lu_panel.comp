#version 450
#extension GL_GOOGLE_include_directive : require
// Factors a few columns of each matrix with interchanges within them, a workgroup a matrix; ops/lu.h.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DF64
#ifdef F64
#include "library/math_f64.glsl"
#else
#include "library/math_f32.glsl"
#endif
#include "common/matrix.glsl"
layout(local_size_x = 256) in;
layout(std430, set = 0, binding = 1) coherent buffer Target { T target[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Pivots { int pivots[]; };
layout(std430, set = 0, binding = 3) buffer Info { int info[]; };
layout(push_constant) uniform Push {
  Matrix target;
  uint rows, first, size, pivot_count, pivot, batches;
} p;
shared T best[256];
shared uint best_row[256];
shared T pivot_row[32];

uint batch, lane;

uint at(const uint i, const uint j) { return element_of(p.target, batch, i, j); }

void wait() {
  memoryBarrierBuffer();
  barrier();
}

// The first of the rows from j on whose element in column j is largest.
uint find_pivot(const uint j) {
  T top = T(-1);
  uint row = j;
  for (uint i = j + lane; i < p.rows; i += 256u) {
    T value = target[at(i, j)], size = value < T(0) ? -value : value;
    if (i == j && value != value) size = INFINITY;
    if (size > top) {
      top = size;
      row = i;
    }
  }
  best[lane] = top;
  best_row[lane] = row;
  barrier();
  for (uint step = 128u; step > 0u; step >>= 1) {
    if (lane < step) {
      T other = best[lane + step];
      uint other_row = best_row[lane + step];
      if (other > best[lane] || (other == best[lane] && other_row < best_row[lane])) {
        best[lane] = other;
        best_row[lane] = other_row;
      }
    }
    barrier();
  }
  return best_row[0];
}

void main() {
  batch = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  lane = gl_LocalInvocationID.x;
  if (batch >= p.batches) return;
  bool singular = info[batch] != 0;
  for (uint c = 0u; c < p.size; ++c) {
    uint j = p.first + c, row = j;
    if (p.pivot != 0u) row = find_pivot(j);
    if (lane < p.size) {
      T mine = target[at(j, p.first + lane)], other = target[at(row, p.first + lane)];
      pivot_row[lane] = other;
      if (row != j) {
        target[at(j, p.first + lane)] = other;
        target[at(row, p.first + lane)] = mine;
      }
    }
    wait();
    T pivot = pivot_row[c];
    bool zero = pivot == T(0);
    if (lane == 0u) {
      pivots[batch * p.pivot_count + j] = int(row);
      if (zero && !singular) info[batch] = int(j + 1u);
    }
    singular = singular || zero;
    for (uint i = j + 1u + lane; i < p.rows; i += 256u) {
      T factor = target[at(i, j)];
      if (!zero) {
        factor /= pivot;
        target[at(i, j)] = factor;
      }
      for (uint k = c + 1u; k < p.size; ++k) target[at(i, p.first + k)] -= factor * pivot_row[k];
    }
    wait();
  }
}
