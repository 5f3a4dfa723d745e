#include "backends/cpu/dnn/product.h"

#include "backends/cpu/dnn/convert.h"
#include "backends/cpu/dnn/onednn.h"

namespace lineshaft::cpu {
namespace {

// Where the batch is only rows further down, it is one product.
Product fold_batch(Product p) {
  if (p.batch == 1) return p;
  bool one_b = p.b.batch_stride == 0;
  if (one_b && p.a.batch_stride == p.m * p.a.row && p.c.batch_stride == p.m * p.c.row) {
    p.m *= p.batch;
    p.batch = 1;
  }
  return p;
}

void fill_zero(const Product& p) {
  uint64_t zero = 0;
  for (int64_t i = 0; i < p.batch; ++i)
    for (int64_t row = 0; row < p.m; ++row)
      loops().convert(
          {p.c.dtype, &zero, 0},
          {p.c.dtype, p.c.as<std::byte>() + (i * p.c.batch_stride + row * p.c.row) * size_of(p.c.dtype), p.c.column},
          p.n);
}

// The product through f32 copies of 16-bit operands and an f32 result.
void multiply_widened(Context& context, const Product& p) {
  Product wide = p;
  auto copy = [&](const Matrices& from, int64_t rows, int64_t columns) {
    int64_t batch = from.batch_stride == 0 ? 1 : p.batch;
    bool by_columns = from.row == 1 && from.column != 1;
    Matrices to{context.scratch<float>(batch * rows * columns), DType::kF32,
                from.batch_stride == 0 ? 0 : rows * columns, by_columns ? 1 : columns, by_columns ? rows : 1};
    convert_matrices(from, to, batch, rows, columns);
    return to;
  };
  if (p.a.dtype != DType::kF32) {
    wide.a = copy(p.a, p.m, p.k);
    wide.b = copy(p.b, p.k, p.n);
  }
  if (p.c.dtype != DType::kF32) wide.c = {context.scratch<float>(p.batch * p.m * p.n), DType::kF32, p.m * p.n, p.n, 1};
  multiply(context, wide);
  if (p.c.dtype != DType::kF32) convert_matrices(wide.c, p.c, p.batch, p.m, p.n);
}

}  // namespace

void multiply(Context& context, const Product& product) {
  if (product.batch == 0 || product.m == 0 || product.n == 0) return;
  if (product.k == 0) return fill_zero(product);
  Product p = fold_batch(product);
  bool one_type = p.c.dtype == p.a.dtype;
  int64_t work = p.m * p.n * p.k;
  if (p.a.dtype == DType::kF32 && one_type) {
    constexpr int64_t kTinyMatrix = 10 * 10 * 10;  // up to it a call of oneDNN takes longer than the product
    if (p.batch == 1 && work <= kTinyMatrix) return multiply_tiled(context, p);
    constexpr int64_t kSmallMatrix = 48 * 48 * 48;  // below, the cost of a call outweighs sgemm's better loops
    if (p.batch > 1 && work < kSmallMatrix && multiply_onednn(context, p)) return;
    if (multiply_sgemm(p)) return;
    return multiply_tiled(context, p);
  }
  if (p.a.dtype == DType::kBF16 && has_native_bf16() && multiply_onednn(context, p)) return;
  bool widens = p.a.dtype == DType::kF16 || p.a.dtype == DType::kBF16 || (p.a.dtype == DType::kF32 && !one_type);
  constexpr int64_t kWorthACopy = 64 * 64 * 64;
  if (widens && p.batch * work >= kWorthACopy) return multiply_widened(context, p);
  multiply_tiled(context, p);
}

}  // namespace lineshaft::cpu
