// What the gemm kernels are told: they sum over k from k_first on, before k_end, of the padded_k that lie there. c's element (m, n) lies at base + m * row_stride + (n / split) * outer_stride + n % split, plus the batch's stride. A workgroup's z counts
// parts of k of `k_part` elements, each of all batches; parts lie `part_stride` apart.
layout(push_constant) uniform Push {
  uint m, n, padded_k;
  uint a_batch, b_batch;   // elements between batches of a and b; 0 broadcasts
  uint base, row_stride, split, outer_stride, batch_stride;
  uint batches, k_part, part_stride;
  uint k_first, k_end;
} p;
