#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#pragma use_vulkan_memory_model
// c = a * b for GPUs that multiply whole matrices: f16 operands, sums in f32. A workgroup computes a tile of ROWS x COLUMNS from shared memory, each of its
// subgroups SUBGROUP_ROWS x SUBGROUP_COLUMNS of it in matrices of M x N.
#include "common/gemm_push.glsl"
layout(local_size_x_id = 2) in;
layout(constant_id = 0) const bool UNUSED = true;
layout(constant_id = 1) const bool ACCUMULATE = false;
layout(constant_id = 3) const uint M = 16;
layout(constant_id = 4) const uint N = 16;
layout(constant_id = 5) const uint K = 16;
layout(constant_id = 6) const uint ROWS = 64;
layout(constant_id = 7) const uint COLUMNS = 64;
layout(constant_id = 8) const uint SUBGROUP_ROWS = 32;
layout(constant_id = 9) const uint SUBGROUP_COLUMNS = 32;
layout(std430, set = 0, binding = 1) buffer C { float c[]; };
layout(std430, set = 0, binding = 2) readonly buffer A { uvec4 a[]; };  // eight elements each
layout(std430, set = 0, binding = 3) readonly buffer B { uvec4 b[]; };

const uint STEP = 32u;
const uint A_STRIDE = STEP / 8u + 1u, B_STRIDE = COLUMNS / 8u + 1u;  // one more than there is, so that rows do not meet in a memory bank
const uint SUBGROUPS = (ROWS / SUBGROUP_ROWS) * (COLUMNS / SUBGROUP_COLUMNS);
const uint DOWN = SUBGROUP_ROWS / M, ACROSS = SUBGROUP_COLUMNS / N;
shared uvec4 tile_a[ROWS * A_STRIDE];
shared uvec4 tile_b[STEP * B_STRIDE];
shared float finished[SUBGROUPS * M * N];

void main() {
  uint local = gl_LocalInvocationIndex, invocations = gl_WorkGroupSize.x;
  uint row0 = gl_WorkGroupID.x * ROWS, column0 = gl_WorkGroupID.y * COLUMNS, batch = gl_WorkGroupID.z % p.batches, part = gl_WorkGroupID.z / p.batches;
  uint k0 = p.k_first + part * p.k_part, k1 = min(k0 + p.k_part, p.k_end);
  uint from_a = (batch * p.a_batch + row0 * p.padded_k) / 8u, from_b = batch * p.b_batch / 8u;
  uint row = gl_SubgroupID / (COLUMNS / SUBGROUP_COLUMNS) * SUBGROUP_ROWS, column = gl_SubgroupID % (COLUMNS / SUBGROUP_COLUMNS) * SUBGROUP_COLUMNS;
  coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator> sum[DOWN * ACROSS];
  [[unroll]] for (uint i = 0u; i < DOWN * ACROSS; ++i) sum[i] = coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator>(0.0);
  for (uint k = k0; k < k1; k += STEP) {
    for (uint at = local; at < ROWS * STEP / 8u; at += invocations) {
      uint r = at / (STEP / 8u), q = at % (STEP / 8u);
      bool inside = row0 + r < p.m && k + q * 8u < k1;
      uvec4 eight = a[inside ? from_a + (r * p.padded_k + k) / 8u + q : 0u];
      tile_a[r * A_STRIDE + q] = inside ? eight : uvec4(0u);
    }
    for (uint at = local; at < STEP * COLUMNS / 8u; at += invocations) {
      uint kk = at / (COLUMNS / 8u), q = at % (COLUMNS / 8u), j = column0 + q * 8u;
      bool inside = k + kk < k1 && j < p.n;
      uvec4 eight = b[inside ? from_b + ((j / 64u * p.padded_k + k + kk) * 64u + j % 64u) / 8u : 0u];
      tile_b[kk * B_STRIDE + q] = inside ? eight : uvec4(0u);
    }
    barrier();
    [[unroll]] for (uint kk = 0u; kk < STEP; kk += K) {
      coopmat<float16_t, gl_ScopeSubgroup, M, K, gl_MatrixUseA> left[DOWN];
      [[unroll]] for (uint i = 0u; i < DOWN; ++i)
        coopMatLoad(left[i], tile_a, (row + i * M) * A_STRIDE + kk / 8u, A_STRIDE, gl_CooperativeMatrixLayoutRowMajor);
      [[unroll]] for (uint j = 0u; j < ACROSS; ++j) {
        coopmat<float16_t, gl_ScopeSubgroup, K, N, gl_MatrixUseB> right;
        coopMatLoad(right, tile_b, kk * B_STRIDE + (column + j * N) / 8u, B_STRIDE, gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint i = 0u; i < DOWN; ++i) sum[i * ACROSS + j] = coopMatMulAdd(left[i], right, sum[i * ACROSS + j]);
      }
    }
    barrier();
  }
  uint mine = gl_SubgroupID * M * N;
  [[unroll]] for (uint i = 0u; i < DOWN; ++i)
    [[unroll]] for (uint j = 0u; j < ACROSS; ++j) {
      coopMatStore(sum[i * ACROSS + j], finished, mine, N, gl_CooperativeMatrixLayoutRowMajor);
      barrier();
      for (uint e = gl_SubgroupInvocationID; e < M * N; e += gl_SubgroupSize) {
        uint r = row0 + row + i * M + e / N, x = column0 + column + j * N + e % N, outer = x / p.split;
        uint at = p.base + batch * p.batch_stride + part * p.part_stride + r * p.row_stride + outer * p.outer_stride + (x - outer * p.split);
        if (r < p.m && x < p.n) c[at] = ACCUMULATE ? c[at] + finished[mine + e] : finished[mine + e];
      }
      barrier();
    }
}
