// The simplified iteration space of an operation: its axes are ordered by the strides of the first operand,
// neighbouring axes are merged where every operand allows it, and it is divided into tiles of rows by columns.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "lineshaft/base/inline_vector.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::cpu {

using Strides = std::array<int64_t, kMaxRank>;
using OperandStrides = InlineVector<Strides, 6>;

struct Iteration {
  int rank = 1;
  std::array<int64_t, kMaxRank> sizes{1};  // outermost first
  OperandStrides operands;                 // elements, by axis

  // Tiles: of the last two axes, `rows` by `cols` (rows counts along the axis before the last).
  int64_t rows = 1, cols = 1;

  int64_t row_size() const { return rank > 1 ? sizes[rank - 2] : 1; }
  int64_t col_size() const { return sizes[rank - 1]; }
  int64_t row_stride(size_t operand) const { return rank > 1 ? operands[operand][rank - 2] : 0; }
  int64_t col_stride(size_t operand) const { return operands[operand][rank - 1]; }
  int64_t tile_count() const;
  // Whether the operand is contiguous in every tile; whether it has stride 0 in every tile.
  bool is_dense(size_t operand) const;
  bool is_splat(size_t operand) const;
};

// Orders the axes by |stride| of operand 0, equal ones by that of operand 1 and so on, for the first `priority`
// operands, and merges axes.
Iteration simplify(std::span<const int64_t> sizes, const OperandStrides& operands, size_t priority);

// Chooses tiles of at most `capacity` elements. Where some of the first `priority` operands are transposed relative to
// the others, tiles are square blocks, so that each cache line is loaded once.
void choose_tiles(Iteration& space, int64_t capacity, size_t priority);

// Iterates over tiles in order. It has an offset in elements for each operand.
class TileWalker {
 public:
  TileWalker(const Iteration& space, int64_t tile);
  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  int64_t offset(size_t operand) const { return offsets_[operand]; }
  void next();

 private:
  void settle();

  const Iteration& space_;
  std::array<int64_t, kMaxRank> index_{};  // outer axes; then the first row and column
  int64_t rows_ = 0, cols_ = 0;
  InlineVector<int64_t, 8> offsets_;
};

}  // namespace lineshaft::cpu
