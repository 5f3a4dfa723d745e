#include "backends/cpu/dnn/convert.h"

#include <algorithm>

#include "backends/cpu/parallel.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kBlock = 32;  // a square of this side stays in L1 while it is transposed

void convert_block(const Matrices& from, const Matrices& to, int64_t row, int64_t rows, int64_t column,
                   int64_t columns) {
  for (int64_t r = row; r < row + rows; ++r)
    loops().convert(
        {from.dtype, from.as<std::byte>() + (r * from.row + column * from.column) * size_of(from.dtype), from.column},
        {to.dtype, to.as<std::byte>() + (r * to.row + column * to.column) * size_of(to.dtype), to.column}, columns);
}

void convert_rows(const Matrices& from, const Matrices& to, int64_t begin, int64_t end, int64_t columns) {
  bool same_order = (from.column <= from.row) == (to.column <= to.row);
  if (same_order || columns <= kBlock) return convert_block(from, to, begin, end - begin, 0, columns);
  for (int64_t r = begin; r < end; r += kBlock)
    for (int64_t c = 0; c < columns; c += kBlock)
      convert_block(from, to, r, std::min(kBlock, end - r), c, std::min(kBlock, columns - c));
}

Matrices at(const Matrices& m, int64_t i) {
  return {m.as<std::byte>() + i * m.batch_stride * size_of(m.dtype), m.dtype, 0, m.row, m.column};
}

}  // namespace

void convert_matrices(const Matrices& from, const Matrices& to, int64_t batch, int64_t rows, int64_t columns) {
  if (from.column > from.row && to.column > to.row && rows > 1)  // walk along memory
    return convert_matrices(from.transposed(), to.transposed(), batch, columns, rows);
  int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(columns, 1));
  grain = round_up(grain, kBlock);
  parallel_for(batch * rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin / rows; i * rows < end; ++i)
      convert_rows(at(from, i), at(to, i), std::max(begin - i * rows, int64_t{0}), std::min(end - i * rows, rows),
                   columns);
  });
}

void convert_array(const Strided& from, const Strided& to, std::span<const int64_t> sizes) {
  // The last two axes of memory order on each side make the matrix; the rest are batches.
  int rank = static_cast<int>(sizes.size());
  int fast_from = -1, fast_to = -1;
  for (int i = 0; i < rank; ++i) {
    if (sizes[i] <= 1) continue;
    if (fast_from < 0 || from.strides[i] < from.strides[fast_from]) fast_from = i;
    if (fast_to < 0 || to.strides[i] <= to.strides[fast_to]) fast_to = i;
  }
  if (fast_to < 0) fast_from = fast_to = 0;
  int column = fast_to, row = fast_from;
  if (row == column)
    for (int i = 0; i < rank; ++i)
      if (i != column && sizes[i] > 1 && (row == column || to.strides[i] < to.strides[row])) row = i;
  auto size = [&](int axis) { return rank ? sizes[axis] : 1; };
  int64_t rows = row == column ? 1 : size(row), columns = size(column);
  int64_t outer = 1;
  for (int i = 0; i < rank; ++i)
    if (i != row && i != column) outer *= sizes[i];
  if (rows * columns * outer == 0) return;
  auto one = [&](int64_t index) {
    int64_t a = 0, b = 0;
    for (int i = rank - 1; i >= 0; --i) {
      if (i == row || i == column) continue;
      a += index % sizes[i] * from.strides[i];
      b += index % sizes[i] * to.strides[i];
      index /= sizes[i];
    }
    Matrices in{static_cast<std::byte*>(from.data) + a * size_of(from.dtype), from.dtype, 0, from.strides[row],
                from.strides[column]};
    Matrices out{static_cast<std::byte*>(to.data) + b * size_of(to.dtype), to.dtype, 0, to.strides[row],
                 to.strides[column]};
    if (outer >= thread_count() && outer > 1)
      convert_rows(in, out, 0, rows, columns);
    else
      convert_matrices(in, out, 1, rows, columns);
  };
  if (outer < thread_count() || outer == 1) {
    for (int64_t i = 0; i < outer; ++i) one(i);
    return;
  }
  parallel_for(outer, std::max<int64_t>(1, 16384 / (rows * columns)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) one(i);
  });
}

}  // namespace lineshaft::cpu
