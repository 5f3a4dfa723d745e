// The common parts of the linear algebra operations: copies of matrices in the layout that linear_kernels takes, and
// the distribution of a batch over threads.
#pragma once

#include <omp.h>

#include <algorithm>

#include "backends/cpu/context.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/simd/linear_kernels.h"
#include "base/divide.h"

namespace lineshaft::cpu {

// The layout of a column-major copy of a [rows, columns] matrix, whose columns begin at multiples of 64 bytes.
struct DenseLayout {
  DType dtype = DType::kF32;
  int64_t rows = 0, columns = 0;

  int64_t stride() const {
    int64_t line = 64 / size_of(dtype);
    return std::max<int64_t>(divide_up(rows, line), 1) * line;
  }
  int64_t bytes() const { return stride() * std::max<int64_t>(columns, 1) * size_of(dtype); }
  Dense at(std::byte* data) const { return {data, rows, columns, stride()}; }
};
inline DenseLayout layout_of(const TensorView& batch) {
  return {batch.dtype, batch.sizes[1], batch.sizes[2]};
}

// Copies matrix `index` of a batch, [B, M, N] or, as one column, [B, M].
void load_matrix(Context& context, const TensorView& batch, int64_t index, const Dense& to);
void store_matrix(Context& context, const Dense& from, const TensorView& batch, int64_t index);
// The same for a lower triangular matrix: elements above the diagonal are set to 0, in `from`, too.
void store_lower(Context& context, const Dense& from, const TensorView& batch, int64_t index);

// Calls f(index, scratch) for each of `batch` matrices; scratch has `bytes` bytes. Where there are at least as many
// matrices as threads, calls run in parallel; else one after the other, so that f can use all threads. `work` is the
// number of multiplications for one matrix.
template <class F>
void for_each_matrix(Context& context, int64_t batch, int64_t bytes, int64_t work, F&& f) {
  bool shared = batch >= thread_count();
  int64_t parts = shared ? std::min<int64_t>(thread_count(), batch) : 1;
  auto* scratch = context.scratch<std::byte>(static_cast<size_t>(bytes * parts));
  auto run = [&](int slot, int64_t begin, int64_t end) {
    std::byte* own = scratch + slot * bytes;
    for (int64_t i = begin; i < end; ++i) f(i, own);
  };
  if (shared)
    parallel_for_slots(batch, std::max<int64_t>(1, 20'000 / std::max<int64_t>(work, 1)), run);
  else
    run(0, 0, batch);
}

}  // namespace lineshaft::cpu
