#include <algorithm>

#include "backends/cpu/dnn/onednn.h"
#include "backends/cpu/dnn/product.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {
namespace {

// How sgemm reads a matrix: plain or transposed, and its leading dimension; 0 where it cannot.
struct Layout {
  bool transposed = false;
  int64_t leading = 0;
};

Layout layout_of(const Matrices& matrix, int64_t rows, int64_t columns) {
  if ((matrix.column == 1 || columns == 1) && (matrix.row >= columns || rows == 1))
    return {false, rows == 1 ? columns : matrix.row};
  if ((matrix.row == 1 || rows == 1) && (matrix.column >= rows || columns == 1))
    return {true, columns == 1 ? rows : matrix.column};
  return {};
}

}  // namespace

bool multiply_sgemm(const Product& product) {
  Product p = product;
  Layout c = layout_of(p.c, p.m, p.n);
  if (!c.leading) return false;
  if (c.transposed) {  // c^T = b^T a^T
    p = {product.batch,         product.n, product.m, product.k, product.b.transposed(), product.a.transposed(),
         product.c.transposed()};
    c.transposed = false;
  }
  Layout a = layout_of(p.a, p.m, p.k), b = layout_of(p.b, p.k, p.n);
  if (!a.leading || !b.leading) return false;
  auto one = [&](int64_t i) {
    sgemm(a.transposed, b.transposed, p.m, p.n, p.k, 1.0f, p.a.as<float>() + i * p.a.batch_stride, a.leading,
          p.b.as<float>() + i * p.b.batch_stride, b.leading, 0.0f, p.c.as<float>() + i * p.c.batch_stride, c.leading);
  };
  // Several matrices a thread: each product on one thread. Few: all threads on each.
  if (p.batch >= thread_count()) {
    parallel_for(p.batch, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) one(i);
    });
  } else {
    for (int64_t i = 0; i < p.batch; ++i) one(i);
  }
  return true;
}

}  // namespace lineshaft::cpu
