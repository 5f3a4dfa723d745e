#include "backends/cpu/program/iteration.h"

#include <algorithm>
#include <cstdlib>

#include "base/divide.h"
#include "tensor/merge_axes.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kLongRow = 512;  // rows this long are tiles of their own

// Whether axis `a` belongs outside axis `b`.
bool outside(const OperandStrides& operands, size_t priority, int a, int b) {
  for (size_t k = 0; k < priority; ++k) {
    int64_t x = std::abs(operands[k][a]), y = std::abs(operands[k][b]);
    if (x == 0 || y == 0 || x == y) continue;
    return x > y;
  }
  return a < b;
}

}  // namespace

Iteration simplify(std::span<const int64_t> sizes, const OperandStrides& operands, size_t priority) {
  std::array<int, kMaxRank> order{};
  int count = 0;
  for (int axis = 0; axis < static_cast<int>(sizes.size()); ++axis) {
    if (sizes[axis] == 1) continue;
    int at = count++;
    for (; at > 0 && outside(operands, priority, axis, order[at - 1]); --at) order[at] = order[at - 1];
    order[at] = axis;
  }
  Iteration out;
  out.operands.resize(operands.size());
  for (int i = 0; i < count; ++i) {
    out.sizes[i] = sizes[order[i]];
    for (size_t k = 0; k < operands.size(); ++k) out.operands[k][i] = operands[k][order[i]];
  }
  out.rank = merge_axes(
      count, static_cast<int>(operands.size()), [&](int axis) -> int64_t& { return out.sizes[axis]; },
      [&](int operand, int axis) -> int64_t& { return out.operands[operand][axis]; });
  if (out.rank == 0) out.sizes[out.rank++] = 1;
  return out;
}

void choose_tiles(Iteration& space, int64_t capacity, size_t priority) {
  int last = space.rank - 1;
  // An operand that is contiguous along an axis other than the last: that axis becomes the rows.
  for (size_t k = 0; k < priority && space.rank > 1; ++k) {
    if (space.col_stride(k) == 1 || space.col_stride(k) == 0) continue;
    for (int axis = 0; axis < last; ++axis) {
      if (space.operands[k][axis] != 1 || space.sizes[axis] < 4) continue;
      for (auto& strides : space.operands) std::swap(strides[axis], strides[last - 1]);
      std::swap(space.sizes[axis], space.sizes[last - 1]);
      int64_t side = 16;
      while (side * side * 4 <= capacity) side *= 2;
      space.rows = std::min(side, space.row_size());
      space.cols = std::min(capacity / space.rows, space.col_size());
      if (space.cols < space.col_size()) space.cols = std::max<int64_t>(space.cols & ~int64_t{15}, 1);
      space.rows = std::min(capacity / space.cols, space.row_size());
      return;
    }
  }
  space.cols = std::min(capacity, space.col_size());
  space.rows = space.col_size() >= std::min(kLongRow, capacity) ? 1 : std::min(capacity / space.cols, space.row_size());
}

int64_t Iteration::tile_count() const {
  int64_t count = divide_up(col_size(), cols) * divide_up(row_size(), rows);
  for (int i = 0; i < rank - 2; ++i) count *= sizes[i];
  return count;
}

bool Iteration::is_dense(size_t operand) const {
  if (col_stride(operand) != 1 && !(cols == 1 && col_size() == 1)) return false;
  return rows == 1 || (cols == col_size() && row_stride(operand) == cols);
}

bool Iteration::is_splat(size_t operand) const {
  return (col_stride(operand) == 0 || col_size() == 1) && (rows == 1 || row_stride(operand) == 0);
}

TileWalker::TileWalker(const Iteration& space, int64_t tile) : space_(space), offsets_(space.operands.size()) {
  int rank = space.rank;
  int64_t across = divide_up(space.col_size(), space.cols), down = divide_up(space.row_size(), space.rows);
  index_[rank - 1] = tile % across * space.cols;
  tile /= across;
  if (rank > 1) index_[rank - 2] = tile % down * space.rows;
  tile /= down;
  for (int i = rank - 3; i >= 0; --i) {
    index_[i] = tile % space.sizes[i];
    tile /= space.sizes[i];
  }
  settle();
}

void TileWalker::settle() {
  int rank = space_.rank;
  cols_ = std::min(space_.cols, space_.col_size() - index_[rank - 1]);
  rows_ = rank > 1 ? std::min(space_.rows, space_.row_size() - index_[rank - 2]) : 1;
  for (size_t k = 0; k < offsets_.size(); ++k) {
    int64_t offset = 0;
    for (int i = 0; i < rank; ++i) offset += index_[i] * space_.operands[k][i];
    offsets_[k] = offset;
  }
}

void TileWalker::next() {
  for (int i = space_.rank - 1; i >= 0; --i) {
    index_[i] += i == space_.rank - 1 ? space_.cols : i == space_.rank - 2 ? space_.rows : 1;
    if (index_[i] < space_.sizes[i]) break;
    index_[i] = 0;
  }
  settle();
}

}  // namespace lineshaft::cpu
