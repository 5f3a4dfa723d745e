#include <algorithm>

#include "backends/cpu/dnn/convert.h"
#include "backends/cpu/dnn/gemm_spaces.h"
#include "backends/cpu/dnn/product.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

DType sum_type(DType type) {
  return type == DType::kBool ? DType::kI32 : compute_type(type);
}

void multiply_tile(GemmSpace& space, const Product& p, int64_t i, int64_t row, int64_t column) {
  int64_t m = std::min(GemmTile::kRows, p.m - row), n = std::min(GemmTile::kColumns, p.n - column);
  auto at = [i](const Matrices& x, int64_t r, int64_t c) {
    return x.as<std::byte>() + (i * x.batch_stride + r * x.row + c * x.column) * size_of(x.dtype);
  };
  DType type = sum_type(p.a.dtype);
  bool direct = p.c.dtype == type && p.c.column == 1;
  GemmTile tile{p.a.dtype,
                at(p.a, row, 0),
                at(p.b, 0, column),
                p.a.row,
                p.a.column,
                p.b.row,
                p.b.column,
                m,
                n,
                p.k,
                direct ? at(p.c, row, column) : space.sum,
                direct ? p.c.row : n,
                space.panels};
  loops().gemm_tile(tile);
  if (!direct)
    convert_matrices({space.sum, type, 0, n, 1}, {at(p.c, row, column), p.c.dtype, 0, p.c.row, p.c.column}, 1, m, n);
}

}  // namespace

void multiply_tiled(Context& context, const Product& p) {
  int64_t rows = divide_up(p.m, GemmTile::kRows);
  int64_t columns = divide_up(p.n, GemmTile::kColumns);
  int64_t work = std::min(p.m, GemmTile::kRows) * std::min(p.n, GemmTile::kColumns) * p.k;
  int64_t grain = std::max<int64_t>(1, 100'000 / std::max<int64_t>(work, 1));
  GemmSpace* spaces = gemm_spaces(context);
  parallel_for_slots(p.batch * rows * columns, grain, [&](int slot, int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t)
      multiply_tile(spaces[slot], p, t / (rows * columns), t / columns % rows * GemmTile::kRows,
                    t % columns * GemmTile::kColumns);
  });
}

}  // namespace lineshaft::cpu
