#include <algorithm>

#include "backends/cpu/dnn/onednn.h"
#include "backends/cpu/dnn/product.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {

SgemmLayout sgemm_layout(const Matrices& matrix, int64_t rows, int64_t columns) {
  if ((matrix.column == 1 || columns == 1) && (matrix.row >= columns || rows == 1))
    return {false, rows == 1 ? columns : matrix.row};
  if ((matrix.row == 1 || rows == 1) && (matrix.column >= rows || columns == 1))
    return {true, columns == 1 ? rows : matrix.column};
  return {};
}

bool multiply_sgemm(const Product& product) {
  Product p = product;
  SgemmLayout c = sgemm_layout(p.c, p.m, p.n);
  if (!c.leading) return false;
  if (c.transposed) {  // c^T = b^T a^T
    p = {product.batch,         product.n, product.m, product.k, product.b.transposed(), product.a.transposed(),
         product.c.transposed()};
    c.transposed = false;
  }
  SgemmLayout a = sgemm_layout(p.a, p.m, p.k), b = sgemm_layout(p.b, p.k, p.n);
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
