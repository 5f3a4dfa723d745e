#include "backends/vulkan/ops/linear.h"

#include "backends/vulkan/ops/gemm.h"
#include "base/divide.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::vulkan {
namespace {

ProgramRef negation(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) { p.output(-p.input(type), type); });
}

// Of a panel's columns: what lies below the diagonal, 1 at it and 0 above.
ProgramRef vectors_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr value = p.input(type), row = p.index(1), column = p.index(2);
    Expr edge = select(row == column, literal_like(value, 1.0), 0.0);
    p.output(select(row > column, value, edge), type);
  });
}

struct Operands {
  Packed rows, panels;
};

Operands pack(Context& context, const TensorView& a, const TensorView& b) {
  auto batch_stride = [](const TensorView& view) { return view.sizes[0] > 1 ? view.strides[0] : 0; };
  return {pack_rows(context, {.view = a,
                              .k = a.sizes[2],
                              .j = a.sizes[1],
                              .batches = a.sizes[0],
                              .k_stride = a.strides[2],
                              .j_stride = a.strides[1],
                              .batch_stride = batch_stride(a)}),
          pack_panels(context, {.view = b,
                                .k = b.sizes[1],
                                .j = b.sizes[2],
                                .batches = b.sizes[0],
                                .k_stride = b.strides[1],
                                .j_stride = b.strides[2],
                                .batch_stride = batch_stride(b)})};
}

}  // namespace

TensorView block_of(const TensorView& matrices, int64_t i, int64_t j, int64_t rows, int64_t columns) {
  TensorView part = matrices;
  part.offset += (i * part.strides[1] + j * part.strides[2]) * size_of(part.dtype);
  part.sizes[1] = rows;
  part.sizes[2] = columns;
  return part;
}

MatrixPush push_of(const Context& context, const TensorView& matrices) {
  auto i32 = [](int64_t value) { return static_cast<int32_t>(value); };
  return {u32(context.base_of(matrices)), i32(matrices.strides[0]), i32(matrices.strides[1]), i32(matrices.strides[2])};
}

int64_t matrices_at_once(const Context& context, DType type, int64_t elements) {
  constexpr int64_t kMost = 16384;  // that one product takes
  int64_t bytes = std::max<int64_t>(elements, 1) * size_of(type);
  return std::clamp<int64_t>(context.slice_bytes() / bytes, 1, kMost);
}

TensorView working_copy(Context& context, const TensorView& matrices) {
  TensorView copy = context.scratch(matrices.dtype, matrices.shape());
  context.copy(matrices, copy);
  return copy;
}

TensorView product_of(Context& context, const TensorView& a, const TensorView& b) {
  int64_t batches = a.sizes[0], m = a.sizes[1], n = b.sizes[2];
  TensorView result = context.scratch(a.dtype, {batches, m, n});
  Operands operands = pack(context, a, b);
  multiply(context, operands.rows, operands.panels, {.view = result, .row_stride = n, .batch_stride = m * n}, m, n,
           batches, false);
  return result;
}

void subtract_product(Context& context, const TensorView& whole, const TensorView& c, const TensorView& a,
                      const TensorView& b) {
  if (c.numel() == 0 || a.sizes[2] == 0) return;
  TensorView negative = context.scratch(a.dtype, a.shape());
  context.map(negation(a.dtype), List<TensorView>(&a, 1), List<TensorView>(&negative, 1));
  Operands operands = pack(context, negative, b);
  multiply(context, operands.rows, operands.panels,
           {.view = whole,
            .base = (c.offset - whole.offset) / size_of(c.dtype),
            .row_stride = c.strides[1],
            .batch_stride = c.strides[0]},
           c.sizes[1], c.sizes[2], c.sizes[0], true);
}

void solve_panel(Context& context, const TensorView& a, bool upper, bool unit, const TensorView& b) {
  if (b.numel() == 0) return;
  struct {
    MatrixPush a, b;
    uint32_t size, columns, upper, unit;
  } push{push_of(context, a), push_of(context, b), u32(a.sizes[1]), u32(b.sizes[2]), upper, unit};
  int64_t size = a.sizes[1];
  Groups groups = context.groups_for(b.sizes[2], 64);
  groups[2] = u32(b.sizes[0]);
  context.run_kernel({.kernel = variant("solve_panel", a.dtype),
                      .turns = loop(divide_up(size * size, 64)) + loop(size, loop(size)),
                      .operands = {in(a), out(b)},
                      .groups = groups},
                     push);
}

void solve_triangular(Context& context, const TensorView& a, bool upper, bool unit, const TensorView& b) {
  int64_t n = a.sizes[1], columns = b.sizes[2], panels = divide_up(n, kPanel);
  for (int64_t i = 0; i < panels; ++i) {
    ScratchTurns turns(context);
    int64_t first = kPanel * (upper ? panels - 1 - i : i), last = std::min(first + kPanel, n), size = last - first;
    TensorView x = block_of(b, first, 0, size, columns);
    solve_panel(context, block_of(a, first, first, size, size), upper, unit, x);
    int64_t rest = upper ? 0 : last, count = upper ? first : n - last;
    subtract_product(context, b, block_of(b, rest, 0, count, columns), block_of(a, rest, first, count, size), x);
  }
}

void apply_panel(Context& context, const TensorView& vectors, const TensorView& tau, bool transpose,
                 const TensorView& whole, const TensorView& part) {
  DType type = vectors.dtype;
  int64_t batches = vectors.sizes[0], size = vectors.sizes[2];
  TensorView v = context.scratch(type, vectors.shape());
  context.map(vectors_program(type), List<TensorView>(&vectors, 1), List<TensorView>(&v, 1));
  TensorView squares = product_of(context, transposed(v), v), t = context.scratch(type, {batches, size, size});
  struct {
    MatrixPush tau;
    uint32_t size, batches;
  } push{push_of(context, tau), u32(size), u32(batches)};
  context.run_kernel({.kernel = variant("reflector_factor", type),
                      .turns = loop(size, loop(size)) + loop(size),
                      .operands = {in(squares), in(tau), out(t)},
                      .groups = context.groups_for(batches, 1)},
                     push);
  TensorView sums = product_of(context, transposed(v), part);
  TensorView factors = product_of(context, transpose ? transposed(t) : t, sums);
  subtract_product(context, whole, part, v, factors);
}

}  // namespace lineshaft::vulkan
