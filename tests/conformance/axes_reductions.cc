#include "conformance/axes.h"

namespace lineshaft::conformance {
namespace {

void add_reduce(AxesTable& table, const Shape& sizes, uint8_t axes) {
  Shape kept = sizes;
  for (size_t i = 0; i < sizes.size(); ++i)
    if (axes >> i & 1) kept[i] = 1;
  std::string where = concat(shape_text(sizes), " over axes ", int{axes});
  for (DType type : {DType::kF32, DType::kF64, DType::kI64, DType::kI32})
    table.add<Reduce>(concat("sum of ", name_of(type), " ", where), [=](Trial& t) {
      TensorView x = t.input(type, sizes), sum = t.output(is_float(type) ? type : DType::kI64, kept);
      t.run(Reduce{.kind = ReduceKind::kSum, .axes = axes, .inputs = List<TensorView>(&x, 1), .output = sum}, {sum});
    });
  table.add<Reduce>(concat("others ", where), [=](Trial& t) {
    TensorView x = t.input(DType::kF32, sizes, -1000, 1000),
               signs = t.made(DType::kF32, sizes, [&] { return Number{t.random()() % 2 ? 1.0 : -1.0}; });
    TensorView least = t.output(DType::kF32, kept), at = t.output(DType::kI64, kept),
               any = t.output(DType::kBool, kept), variance = t.output(DType::kF32, kept);
    auto of = [](const TensorView& view) { return List<TensorView>(&view, 1); };
    t.run(Reduce{.kind = ReduceKind::kProd, .axes = axes, .inputs = of(signs), .output = least}, {least});
    t.run(Reduce{.kind = ReduceKind::kMinIndex, .axes = axes, .inputs = of(x), .output = least, .indices = at},
          {least, at});
    t.run(Reduce{.kind = ReduceKind::kArgMax, .axes = axes, .inputs = of(x), .output = at}, {at});
    t.run(Reduce{.kind = ReduceKind::kAll, .axes = axes, .inputs = of(signs), .output = any}, {any});
    t.run(Reduce{.kind = ReduceKind::kMeanVar,
                 .axes = axes,
                 .correction = 1,
                 .inputs = of(x),
                 .output = least,
                 .variance = variance},
          {variance}, 1e-5);
    t.run(
        Reduce{.kind = ReduceKind::kMeanVar, .axes = axes, .inputs = of(signs), .output = least, .variance = variance},
        {variance}, 1e-5);
  });
}

void add_scan(AxesTable& table, const Shape& sizes, int axis) {
  std::string where = concat(shape_text(sizes), " along axis ", axis);
  for (DType type : {DType::kF32, DType::kI64, DType::kF16})
    table.add<Scan>(concat("of ", name_of(type), " ", where), [=](Trial& t) {
      DType out = type == DType::kF16 ? DType::kF32 : type;
      TensorView x = t.input(type, sizes, 0, 1), y = t.output(out, sizes), same = t.output(type, sizes),
                 at = t.output(DType::kI64, sizes);
      t.run(Scan{.kind = ScanKind::kSum, .axis = axis, .input = x, .output = y}, {y});
      t.run(Scan{.kind = ScanKind::kSum, .axis = axis, .reverse = true, .input = x, .output = y}, {y});
      t.run(Scan{.kind = ScanKind::kMax, .axis = axis, .input = x, .output = same, .indices = at}, {same, at});
      t.run(Scan{.kind = ScanKind::kMin, .axis = axis, .reverse = true, .input = x, .output = same, .indices = at},
            {same, at});
      TensorView signs = t.made(type, sizes, [&] { return Number{t.random()() % 2 ? 1.0 : -1.0}; });
      t.run(Scan{.kind = ScanKind::kProd, .axis = axis, .input = signs, .output = y}, {y});
      if (type == DType::kF32)
        t.run(Scan{.kind = ScanKind::kLogSumExp, .axis = axis, .input = x, .output = y}, {y}, 1e-3);
    });
}

void add_normalize(AxesTable& table, const Shape& sizes, uint8_t axes) {
  Shape kept = sizes, parameters = sizes;
  for (size_t i = 0; i < sizes.size(); ++i) (axes >> i & 1 ? kept : parameters)[i] = 1;
  for (auto kind : {NormalizeKind::kStandard, NormalizeKind::kRms}) {
    std::string where = concat(name_of(kind), " ", shape_text(sizes), " over axes ", int{axes});
    bool centered = kind == NormalizeKind::kStandard;
    table.add<Normalize>(where, [=](Trial& t) {
      TensorView x = t.input(DType::kF32, sizes, -9, 9), y = t.output(DType::kF32, sizes), mean,
                 rstd = t.output(DType::kF32, kept);
      if (centered) mean = t.output(DType::kF32, kept);
      t.run(Normalize{.kind = kind, .axes = axes, .input = x, .mean = mean, .rstd = rstd, .output = y}, {y, rstd},
            1e-5);
    });
    table.add<NormalizeGrad>(where, [=](Trial& t) {
      TensorView dy = t.input(DType::kF32, sizes), x = t.input(DType::kF32, sizes), mean,
                 rstd = t.filled(DType::kF32, kept, 0.5), w = t.input(DType::kF32, parameters, 1, 3),
                 dx = t.output(DType::kF32, sizes), dw = t.output(DType::kF32, parameters),
                 db = t.output(DType::kF32, parameters);
      if (centered) mean = t.filled(DType::kF32, kept, 0.25);
      t.run(NormalizeGrad{.kind = kind,
                          .axes = axes,
                          .grad_output = dy,
                          .input = x,
                          .weight = broadcast_to(w, sizes),
                          .mean = mean,
                          .rstd = rstd,
                          .grad_input = dx,
                          .grad_weight = dw,
                          .grad_bias = centered ? db : TensorView{}},
            {dx, dw, db}, 1e-5);
    });
  }
}

}  // namespace

void add_softmax(AxesTable& table, const Shape& sizes, int axis) {
  for (bool log : {false, true}) {
    std::string where = concat(log ? "log " : "", shape_text(sizes), " along axis ", axis);
    table.add<Softmax>(where, [=](Trial& t) {
      TensorView x = t.input(DType::kF32, sizes, -9, 9), y = t.output(DType::kF32, sizes);
      t.run(Softmax{axis, log, x, y}, {y}, 1e-4);
    });
    table.add<SoftmaxGrad>(where, [=](Trial& t) {
      TensorView g = t.input(DType::kF32, sizes), y = t.filled(DType::kF32, sizes, log ? -3 : 0.25),
                 dx = t.output(DType::kF32, sizes);
      t.run(SoftmaxGrad{axis, log, g, y, dx}, {dx}, 1e-4);
    });
  }
}

void add_reductions(AxesTable& table, int64_t length) {
  add_reduce(table, {length}, 1);
  add_reduce(table, {length, 3}, 1);
  add_reduce(table, {2, length}, 2);
  add_reduce(table, {length, 2, 3}, 5);
  add_reduce(table, {3, 2, length}, 5);
  add_reduce(table, {2, length, 2}, 5);
  add_scan(table, {length}, 0);
  add_scan(table, {length, 3}, 0);
  add_scan(table, {2, length}, 1);
  add_scan(table, {length, 2}, 1);
  add_softmax(table, {2, length}, 1);
  add_softmax(table, {length, 3}, 0);
  add_softmax(table, {length, 3}, 1);
  add_normalize(table, {2, length}, 2);
  add_normalize(table, {length, 2}, 2);
  add_normalize(table, {length, 2, 3}, 5);
  add_normalize(table, {2, 3, length}, 5);
}

}  // namespace lineshaft::conformance
