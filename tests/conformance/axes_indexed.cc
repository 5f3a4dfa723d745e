#include "conformance/axes.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::conformance {
namespace {

// A table of `rows` rows of `width`, of which `count` rows are named by indices below `bound`.
void add_rows(AxesTable& table, int64_t rows, int64_t width, int64_t count, int64_t bound) {
  std::string where = concat(count, " of ", bound, " rows of ", width);
  auto over = [=](TensorView view) {
    view.sizes[0] = count;
    view.strides[0] = 0;
    return view;
  };
  table.add<Gather>(where, [=](Trial& t) {
    TensorView source = t.input(DType::kF32, {rows, width}),
               index = t.input(DType::kI64, {count, 1}, -bound, bound - 1), y = t.output(DType::kF32, {count, width});
    std::vector<TensorView> indices{broadcast_to(index, y.shape())};
    std::vector<int64_t> strides{width}, bounds{bound};
    t.run(Gather{over(source), indices, strides, bounds, true, y}, {y});
  });
  for (auto kind : {ScatterKind::kAssign, ScatterKind::kAdd, ScatterKind::kMultiply, ScatterKind::kMin})
    for (DType type : {DType::kF32, DType::kF16, DType::kI64}) {
      table.add<Scatter>(concat(name_of(kind), " of ", name_of(type), " ", where), [=](Trial& t) {
        TensorView target = t.input(type, {rows, width}), index = t.input(DType::kI32, {count, 1}, 0, bound - 1),
                   source = kind == ScatterKind::kMultiply
                                ? t.made(type, {count, width}, [&] { return Number{t.random()() % 2 ? 1.0 : -1.0}; })
                                : t.input(type, {count, width}, 0, 1);
        std::vector<TensorView> indices{broadcast_to(index, source.shape())};
        std::vector<int64_t> strides{width}, bounds{bound};
        t.run(Scatter{kind, over(target), indices, strides, bounds, false, source}, {target});
      });
    }
}

void add_order(AxesTable& table, const Shape& sizes, int axis) {
  std::string where = concat(shape_text(sizes), " along axis ", axis);
  for (DType type : {DType::kF32, DType::kI64})
    table.add<Sort>(concat(name_of(type), " ", where), [=](Trial& t) {
      TensorView x = t.input(type, sizes, -1000, 1000), y = t.output(type, sizes), at = t.output(DType::kI64, sizes);
      t.run(Sort{axis, type == DType::kI64, x, y, at}, {y, at});
    });
  for (int64_t kept : {int64_t{1}, sizes[axis]}) {
    Shape some = sizes;
    some[axis] = kept;
    table.add<TopK>(concat(kept, " of ", where), [=](Trial& t) {
      TensorView x = t.input(DType::kF32, sizes, -1000, 1000), y = t.output(DType::kF32, some),
                 at = t.output(DType::kI64, some);
      t.run(TopK{axis, true, x, y, at}, {y, at});
    });
  }
}

// `values` values, each among the first `bound` of what rises by 1 at every second element.
void add_search(AxesTable& table, int64_t bound, int64_t values) {
  for (DType type : {DType::kF32, DType::kF64, DType::kI64, DType::kU8})
    table.add<SearchSorted>(concat(values, " among ", bound, " of ", name_of(type)), [=](Trial& t) {
      int64_t most = type == DType::kU8 ? 255 : bound / 2;
      TensorView sequence =
                     t.made(type, {bound}, [=, n = int64_t{0}]() mutable { return Number(std::min(n++ / 2, most)); }),
                 x = t.input(type, {values}, 0, most), y = t.output(DType::kI64, {values});
      sequence.sizes[0] = values;
      sequence.strides[0] = 0;
      std::vector<int64_t> strides{1}, bounds{bound};
      t.run(SearchSorted{sequence, strides, bounds, type == DType::kF64, x, y}, {y});
    });
}

// The instruction with the longest loops: a remainder of the largest number by the smallest.
ProgramRef remainders() {
  ProgramBuilder p;
  Expr x = p.input(DType::kF64), sum = p.constant(DType::kF64, 0.0);
  for (double by : {5e-324, 1e-323, 3.5e-323, 1.5e-322, 2e-321, 7e-320, 1e-310, 3.3e-308, 9.1e-300, 2.2e-290})
    sum = sum + rem(x, p.constant(DType::kF64, by));
  p.output(sum, DType::kF64);
  return p.finish();
}

}  // namespace

void add_indexed(AxesTable& table, int64_t length) {
  add_rows(table, 3, 2, length, 3);
  add_rows(table, 4, 1, length, 1);  // all the same
  add_rows(table, length, 2, 5, length);
  add_rows(table, 3, length, 4, 2);
  add_rows(table, length, 1, length, length);
  add_order(table, {length}, 0);
  add_order(table, {length, 2}, 0);
  add_order(table, {length, 3}, 1);
  add_search(table, length, 5);
  add_search(table, 7, length);
  add_search(table, length, length);
  table.add<Compact>(concat(length), [=](Trial& t) {
    TensorView mask = t.input(DType::kBool, {length}), count = t.output(DType::kI64, {1}),
               positions = t.filled(DType::kI64, {length}, -1);
    t.run(Compact{mask, t.output(DType::kI64, {length}), count}, {count});
    TensorView ones = t.filled(DType::kF32, {length}, 2);
    t.run(Compact{ones, positions, count}, {positions, count});
  });
  table.add<Check>(concat(length), [=](Trial& t) {
    TensorView held = t.filled(DType::kBool, {length}, 1),
               broken = t.made(DType::kBool, {length}, [n = length]() mutable { return Number{--n > 0 ? 1.0 : 0.0}; });
    t.run(Check{Requirement::kWeights, held}, {});
    EXPECT_NO_THROW(t.wait());
    t.run(Check{Requirement::kWeights, broken}, {});
    EXPECT_THROW(t.wait(), Error);
  });
  table.add<Sample>(concat(length), [=](Trial& t) {
    TensorView parameter = t.input(DType::kF32, {length}, 1, 40), y = t.output(DType::kF32, {length});
    t.run(Sample{SampleKind::kPoisson, 7, 0, parameter, {}, y}, {y});
    t.run(Sample{SampleKind::kGamma, 7, 0, parameter, {}, y}, {y}, 1e-5);
    TensorView half = t.filled(DType::kF32, {length}, 0.5);
    t.run(Sample{SampleKind::kBinomial, 7, 0, parameter, half, y}, {y});
  });
  table.add<Map>(concat("remainders of ", length), [=](Trial& t) {
    TensorView x = t.made(DType::kF64, {length}, [&] { return Number{t.random()() % 512 ? 0 : 1.7e308}; }),
               y = t.output(DType::kF64, {length});
    t.run(Map{remainders(), List<TensorView>(&x, 1), List<TensorView>(&y, 1), {}}, {y});
  });
  table.add<Map>(concat("transposed ", length), [=](Trial& t) {
    TensorView x = t.input(DType::kF32, {3, length}), y = t.output(DType::kF32, {length, 3});
    std::swap(x.sizes[0], x.sizes[1]);
    std::swap(x.strides[0], x.strides[1]);
    ProgramBuilder p;
    p.output(p.input(DType::kF32) * 2.0, DType::kF32);
    t.run(Map{p.finish(), List<TensorView>(&x, 1), List<TensorView>(&y, 1), {}}, {y});
  });
  table.add<MapEach>(concat(length), [=](Trial& t) {
    std::vector<TensorView> x{t.input(DType::kF32, {length}), t.input(DType::kF32, {2})},
        y{t.output(DType::kF32, {length}), t.output(DType::kF32, {2})};
    ProgramBuilder p;
    p.output(p.input(DType::kF32) * 3.0, DType::kF32);
    t.run(MapEach{p.finish(), x, y, {}}, y);
  });
}

}  // namespace lineshaft::conformance
