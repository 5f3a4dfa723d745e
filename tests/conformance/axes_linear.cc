#include "conformance/axes.h"

namespace lineshaft::conformance {
namespace {

// Small numbers, with one large element in each of the first columns: what is largest is so by far, on every device.
TensorView with_pivots(Trial& t, int64_t batch, int64_t rows, int64_t columns) {
  return t.made(DType::kF32, {batch, rows, columns}, [&t, rows, columns, i = int64_t{0}]() mutable {
    int64_t at = i++ % (rows * columns), row = at / columns, column = at % columns;
    Number small = static_cast<Number>(t.random()() % 1000) / 1000;
    return row == (7 * column + 1) % rows ? 100 + small : small;
  });
}

void add_factors(AxesTable& table, int64_t batch, int64_t rows, int64_t columns) {
  std::string what = shape_text(std::array{batch, rows, columns});
  int64_t shorter = std::min(rows, columns);
  table.add<Lu>(what, [=](Trial& t) {
    Shape sizes{batch, rows, columns};
    TensorView a = with_pivots(t, batch, rows, columns), lu = t.output(DType::kF32, sizes),
               pivots = t.output(DType::kI32, {batch, shorter}), info = t.output(DType::kI32, {batch});
    t.run(Lu{true, a, lu, pivots, info}, {lu, pivots, info}, 1e-5);
  });
  table.add<Qr>(what, [=](Trial& t) {
    Shape sizes{batch, rows, columns};
    TensorView a = with_pivots(t, batch, rows, columns), qr = t.output(DType::kF32, sizes),
               tau = t.output(DType::kF32, {batch, shorter});
    t.run(Qr{a, qr, tau}, {qr, tau}, 1e-4);
  });
}

void add_reflections(AxesTable& table, int64_t batch, int64_t rows, int64_t columns) {
  table.add<ApplyReflectors>(shape_text(std::array{batch, rows, columns}), [=](Trial& t) {
    TensorView v = t.input(DType::kF32, {batch, rows, 2}), tau = t.filled(DType::kF32, {batch, 2}, 1.0 / rows),
               x = t.input(DType::kF32, {batch, rows, columns}), y = t.output(DType::kF32, {batch, rows, columns});
    t.run(ApplyReflectors{false, v, tau, x, y}, {y}, 1e-4);
  });
}

void add_pivots(AxesTable& table, int64_t batch, int64_t rows) {
  table.add<UnpackPivots>(concat(batch, " of ", rows), [=](Trial& t) {
    TensorView pivots = t.input(DType::kI32, {batch, rows}, 0, rows - 1), order = t.output(DType::kI64, {batch, rows});
    t.run(UnpackPivots{pivots, order}, {order});
  });
}

}  // namespace

void add_linear(AxesTable& table, int64_t length) {
  add_factors(table, 1, length, 2);
  add_factors(table, 1, 3, length);
  add_factors(table, length, 2, 2);
  add_reflections(table, 1, length, 2);
  add_reflections(table, 1, 3, length);
  add_reflections(table, length, 2, 1);
  add_pivots(table, 1, length);
  add_pivots(table, length, 2);
  table.add<Cholesky>(concat(length, " of 1 row"), [=](Trial& t) {
    TensorView a = t.input(DType::kF32, {length, 1, 1}, 0, 5), l = t.output(DType::kF32, {length, 1, 1}),
               info = t.output(DType::kI32, {length});
    t.run(Cholesky{a, l, info}, {info}, 0);
  });
  table.add<Cholesky>("of 300 rows", [=](Trial& t) {
    TensorView a = t.made(DType::kF32, {1, 300, 300}, [i = 0]() mutable { return Number{i++ % 301 == 0 ? 400. : 1.}; }),
               l = t.output(DType::kF32, {1, 300, 300}), info = t.output(DType::kI32, {1});
    t.run(Cholesky{a, l, info}, {l, info}, 1e-5);
  });
  auto solve = [&](int64_t batch, int64_t columns) {
    table.add<TriangularSolve>(concat(batch, " of ", columns, " columns"), [=](Trial& t) {
      TensorView a = t.input(DType::kF32, {batch, 3, 3}, 1, 3), b = t.input(DType::kF32, {batch, 3, columns}),
                 x = t.output(DType::kF32, {batch, 3, columns});
      t.run(TriangularSolve{false, false, a, b, x}, {x}, 1e-5);
    });
  };
  solve(1, length);
  solve(length, 1);
}

}  // namespace lineshaft::conformance
