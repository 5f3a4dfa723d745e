#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// c = a * b for GPUs: a workgroup computes a tile of 64 x 64 from shared memory, an invocation 4 x 4 of it.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
// VARIANT i32 -DT=int
// VARIANT i64w -DT=uvec2 -DWORDS
#include "common/gemm_push.glsl"
layout(local_size_x = 16, local_size_y = 16) in;
layout(constant_id = 0) const bool UNUSED = true;
layout(constant_id = 1) const bool ACCUMULATE = false;
layout(std430, set = 0, binding = 1) buffer C { T c[]; };
layout(std430, set = 0, binding = 2) readonly buffer A { T a[]; };
layout(std430, set = 0, binding = 3) readonly buffer B { T b[]; };

const uint STEP = 16u;
shared T tile_a[STEP][64 + 1];
shared T tile_b[STEP][64];

#ifdef WORDS
T add(T x, T y) {
  uint low = x.x + y.x;
  return uvec2(low, x.y + y.y + uint(low < x.x));
}
T multiply_add(T x, T y, T sum) {
  uint high, low;
  umulExtended(x.x, y.x, high, low);
  return add(sum, uvec2(low, high + x.x * y.y + x.y * y.x));
}
#else
T add(T x, T y) { return x + y; }
T multiply_add(T x, T y, T sum) { return sum + x * y; }
#endif

void main() {
  uint tx = gl_LocalInvocationID.x, ty = gl_LocalInvocationID.y, local = gl_LocalInvocationIndex;
  uint row0 = gl_WorkGroupID.x * 64u, panel = gl_WorkGroupID.y, batch = gl_WorkGroupID.z % p.batches, part = gl_WorkGroupID.z / p.batches;
  uint k0 = p.k_first + part * p.k_part, k1 = min(k0 + p.k_part, p.k_end);
  T sum[4][4];
  [[unroll]] for (int i = 0; i < 4; ++i)
    [[unroll]] for (int j = 0; j < 4; ++j) sum[i][j] = T(0);
  uint from_a = batch * p.a_batch + row0 * p.padded_k, from_b = batch * p.b_batch + panel * 64u * p.padded_k;
  for (uint k = k0; k < k1; k += STEP) {
    [[unroll]] for (uint i = 0u; i < 4u; ++i) {
      uint at = local + i * 256u;
      uint row = at / STEP, kk = at % STEP;
      bool inside = k + kk < k1 && row0 + row < p.m;
      T value = a[inside ? from_a + row * p.padded_k + k + kk : 0u];
      tile_a[kk][row] = inside ? value : T(0);
      bool inside_b = k + at / 64u < k1;
      T value_b = b[inside_b ? from_b + k * 64u + at : 0u];
      tile_b[at / 64u][at % 64u] = inside_b ? value_b : T(0);
    }
    barrier();
    for (uint kk = 0u; kk < STEP; ++kk) {
      T x[4], y[4];
      [[unroll]] for (uint i = 0u; i < 4u; ++i) {
        x[i] = tile_a[kk][ty * 4u + i];
        y[i] = tile_b[kk][tx + i * 16u];
      }
      [[unroll]] for (int i = 0; i < 4; ++i)
        [[unroll]] for (int j = 0; j < 4; ++j) sum[i][j] = multiply_add(x[i], y[j], sum[i][j]);
    }
    barrier();
  }
  [[unroll]] for (uint j = 0u; j < 4u; ++j) {
    uint column = panel * 64u + tx + j * 16u, outer = column / p.split;
    [[unroll]] for (uint i = 0u; i < 4u; ++i) {
      uint row = row0 + ty * 4u + i;
      uint at = p.base + batch * p.batch_stride + part * p.part_stride + row * p.row_stride + outer * p.outer_stride + (column - outer * p.split);
      if (row < p.m && column < p.n) c[at] = ACCUMULATE ? add(c[at], sum[i][j]) : sum[i][j];
    }
  }
}
