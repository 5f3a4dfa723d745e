#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
// c = a * b in f32 for devices whose lanes are a processor's vector: no shared memory; a subgroup of 8 lanes computes 8 rows of a panel of 64 columns. Each lane holds a row's four elements
// of a, passed around by shuffles, and reads b's columns as texels, which such devices fetch as whole vectors.
#include "common/gemm_push.glsl"
layout(local_size_x = 8, local_size_y = 4) in;
layout(constant_id = 0) const bool FOURS = true;        // c takes four columns at once
layout(constant_id = 1) const bool ACCUMULATE = false;  // adds to c

layout(std430, set = 0, binding = 1) buffer C1 { float c1[]; };
layout(std430, set = 0, binding = 2) buffer C4 { vec4 c4[]; };
layout(set = 0, binding = 3) uniform usamplerBuffer a;
layout(set = 0, binding = 4) uniform usamplerBuffer b;

void main() {
  uint lane = gl_LocalInvocationID.x;
  uint panel = gl_WorkGroupID.y, row0 = (gl_WorkGroupID.x * 4u + gl_LocalInvocationID.y) * 8u, batch = gl_WorkGroupID.z;
  if (row0 >= p.m) return;
  vec4 sum[8][2];
  [[unroll]] for (int i = 0; i < 8; ++i) {
    sum[i][0] = vec4(0);
    sum[i][1] = vec4(0);
  }
  int at_a = int((batch * p.a_batch + (row0 + lane) * p.padded_k + p.k_first) / 4u);
  int at_b = int((batch * p.b_batch + panel * 64u * p.padded_k) / 4u + p.k_first * 16u + lane);
  [[dont_unroll]] for (uint k = p.k_first; k < p.k_end; k += 8u) {
    [[unroll]] for (int half_k = 0; half_k < 2; ++half_k) {
      vec4 av = uintBitsToFloat(texelFetch(a, at_a + half_k));
      [[unroll]] for (int u = 0; u < 4; ++u) {
        vec4 b0 = uintBitsToFloat(texelFetch(b, at_b + (half_k * 4 + u) * 16));
        vec4 b1 = uintBitsToFloat(texelFetch(b, at_b + (half_k * 4 + u) * 16 + 8));
        [[unroll]] for (int i = 0; i < 8; ++i) {
          float x = subgroupShuffle(av[u], i);
          sum[i][0] = x * b0 + sum[i][0];
          sum[i][1] = x * b1 + sum[i][1];
        }
      }
    }
    at_a += 2;
    at_b += 128;
  }
  [[unroll]] for (int half_n = 0; half_n < 2; ++half_n) {
    uint column = panel * 64u + (lane + uint(half_n) * 8u) * 4u;
    if (FOURS) {
      uint outer = column / p.split;
      uint at = (p.base + batch * p.batch_stride + row0 * p.row_stride + outer * p.outer_stride + (column - outer * p.split)) / 4u;
      [[unroll]] for (int i = 0; i < 8; ++i) {
        if (row0 + uint(i) < p.m && column < p.n) c4[at] = ACCUMULATE ? c4[at] + sum[i][half_n] : sum[i][half_n];
        at += p.row_stride / 4u;
      }
    } else {
      [[unroll]] for (uint q = 0u; q < 4u; ++q) {
        uint outer = (column + q) / p.split;
        uint at = p.base + batch * p.batch_stride + row0 * p.row_stride + outer * p.outer_stride + (column + q - outer * p.split);
        [[unroll]] for (int i = 0; i < 8; ++i) {
          if (row0 + uint(i) < p.m && column + q < p.n) c1[at] = ACCUMULATE ? c1[at] + sum[i][half_n][q] : sum[i][half_n][q];
          at += p.row_stride;
        }
      }
    }
  }
}
