// reduce and scan against loops over long double.
#include <cmath>

#include "conformance/bench.h"
#include "conformance/interpreter.h"
#include "conformance/programs.h"

namespace lineshaft::conformance {
namespace {

bool is_better(ReduceKind kind, Number x, Number best) {
  if (std::isnan(best)) return false;
  bool least = kind == ReduceKind::kMin || kind == ReduceKind::kArgMin || kind == ReduceKind::kMinIndex;
  return std::isnan(x) || (least ? x < best : x > best);
}

// The elements that one output is made of, in row-major order of the reduced axes.
struct Outcome {
  Number value = 0, second = 0, scale = 0;
};

Outcome reduce_values(ReduceKind kind, const std::vector<Number>& v, DType dtype, double correction) {
  Outcome r;
  auto n = static_cast<Number>(v.size());
  switch (kind) {
    case ReduceKind::kSum: {
      uint64_t total = 0;
      for (Number x : v) {
        r.value += x;
        r.scale += std::abs(x);
        if (!is_float(dtype)) total += static_cast<uint64_t>(static_cast<int64_t>(x));
      }
      if (!is_float(dtype)) r.value = static_cast<Number>(static_cast<int64_t>(total));
      return r;
    }
    case ReduceKind::kProd: {
      uint64_t total = 1;
      r.value = 1;
      for (Number x : v) {
        r.value *= x;
        if (!is_float(dtype)) total *= static_cast<uint64_t>(static_cast<int64_t>(x));
      }
      if (!is_float(dtype)) r.value = static_cast<Number>(static_cast<int64_t>(total));
      r.scale = r.value;
      return r;
    }
    case ReduceKind::kAny:
      for (Number x : v) r.value = r.value != 0 || x != 0;
      return r;
    case ReduceKind::kAll:
      r.value = 1;
      for (Number x : v) r.value = r.value != 0 && x != 0;
      return r;
    case ReduceKind::kMeanVar:
      for (Number x : v) r.value += x / n, r.scale += std::abs(x) / n;
      if (v.empty()) r.value = NAN;
      for (Number x : v) r.second += (x - r.value) * (x - r.value);
      r.second /= std::max<Number>(n - correction, 0);
      return r;
    default: {
      size_t best = 0;
      for (size_t i = 1; i < v.size(); ++i)
        if (is_better(kind, v[i], v[best])) best = i;
      bool position = kind == ReduceKind::kArgMin || kind == ReduceKind::kArgMax;
      r.value = position ? static_cast<Number>(best) : v[best];
      r.second = static_cast<Number>(best);
      return r;
    }
  }
}

std::vector<Number> gather_reduced(const Array& v, uint8_t axes, const Shape& at) {
  std::vector<Number> terms;
  Shape sizes = v.shape;
  for (size_t i = 0; i < sizes.size(); ++i)
    if (!(axes >> i & 1)) sizes[i] = 1;
  for_each_position(sizes, [&](const Shape& inner) {
    Shape where = at;
    for (size_t i = 0; i < where.size(); ++i) where[i] += inner[i];
    terms.push_back(v(where));
  });
  return terms;
}

DType result_of(Bench& bench, ReduceKind kind, DType value) {
  switch (kind) {
    case ReduceKind::kSum:
    case ReduceKind::kProd:
      if (is_float(value)) return bench.chance(0.7) ? accumulator(value) : value;
      return bench.chance(0.8) ? DType::kI64 : bench.pick({DType::kI32, DType::kI8, DType::kU8});
    case ReduceKind::kAny:
    case ReduceKind::kAll:
      return DType::kBool;
    case ReduceKind::kArgMin:
    case ReduceKind::kArgMax:
      return DType::kI64;
    case ReduceKind::kMeanVar:
      return bench.chance(0.7) ? value : accumulator(value);
    default:
      return value;
  }
}

bool needs_element(ReduceKind kind) {
  return kind != ReduceKind::kSum && kind != ReduceKind::kProd && kind != ReduceKind::kAny &&
         kind != ReduceKind::kAll && kind != ReduceKind::kMeanVar;
}

Fill fill_of(ReduceKind kind, DType dtype) {
  bool ordered = needs_element(kind) || kind == ReduceKind::kAny || kind == ReduceKind::kAll;
  if (kind == ReduceKind::kProd && is_float(dtype)) return {0.7, 1.3};
  if (kind == ReduceKind::kAny || kind == ReduceKind::kAll) return {-0.6, 0.6};
  return {-3, 3, ordered};
}

void reduce_once(Bench& bench, ReduceKind kind, const Shape& shape, uint8_t axes, double correction = 1) {
  DType dtype = kind == ReduceKind::kMeanVar ? float_dtype(bench) : any_dtype(bench);
  std::vector<TensorView> in{bench.input(dtype, shape, fill_of(kind, dtype))};
  Array v = bench.load(in[0]);
  std::vector<Scalar> args;
  Reduce op{.kind = kind, .axes = axes, .inputs = in};
  RandomProgram prologue;
  DType value = dtype;
  if (kind != ReduceKind::kProd && kind != ReduceKind::kMeanVar && bench.chance(0.3)) {
    DType extra = any_dtype(bench);
    in.push_back(bench.input(extra, shape));
    const DType inputs[] = {dtype, extra};
    value = bench.pick({dtype, DType::kF32, DType::kI64});
    prologue = exact_program(bench, inputs, {&value, 1}, 0, 5);
    const Array arrays[] = {v, bench.load(in[1])};
    v = interpret(*prologue.program, shape, arrays, prologue.args)[0];
    if (is_float(value))  // products of edge values may cancel: sums of them have no bound
      for (Number x : v.data)
        if (!needs_element(kind) && !(std::abs(x) < 1e4L)) return;
    op.prologue = prologue.program;
    op.inputs = in;
    op.args = prologue.args;
  }
  Shape kept = shape;
  for (size_t i = 0; i < kept.size(); ++i)
    if (axes >> i & 1) kept[i] = 1;
  Array result(kept), second(kept), scale(kept);
  DType stored_as = result_of(bench, kind, value);
  int64_t terms = 1;
  for_each_position(kept, [&](const Shape& at) {
    auto reduced = gather_reduced(v, axes, at);
    terms = static_cast<int64_t>(reduced.size());
    Outcome r = reduce_values(kind, reduced, value, correction);
    result(at) = stored(r.value, stored_as);
    second(at) = r.second;
    scale(at) = r.scale;
  });
  bool inexact = kind == ReduceKind::kSum || kind == ReduceKind::kProd || kind == ReduceKind::kMeanVar;
  double units = inexact && is_float(value) ? sum_units(terms) * (kind == ReduceKind::kProd ? 4 : 1) : 0;
  std::vector<Expected> expected;
  RandomProgram epilogue;
  std::vector<TensorView> extra;
  DType out = stored_as;
  if (kind != ReduceKind::kMeanVar && is_float(stored_as) && bench.chance(0.4)) {
    out = float_dtype(bench);
    DType other = DType::kF32;
    if (bench.chance(0.5)) extra.push_back(bench.input(other, kept));
    epilogue = epilogue_program(bench, stored_as, {&other, extra.size()}, out);
    std::vector<Array> inputs{result};
    if (!extra.empty()) inputs.push_back(bench.load(extra[0]));
    result = interpret(*epilogue.program, kept, inputs, epilogue.args)[0];
    for (Number& s : scale.data) s += 2;
    op.epilogue = {.program = epilogue.program, .inputs = extra, .args = epilogue.args};
    if (units > 0 && !is_compute_type(stored_as)) units *= stored_as == DType::kF16 ? 0x1p13 : 0x1p16;
  }
  op.output = bench.output(out, kept);
  expected.push_back({op.output, result, scale, units, accumulator(value)});
  if (kind == ReduceKind::kMinIndex || kind == ReduceKind::kMaxIndex) {
    op.indices = bench.output(DType::kI64, kept);
    expected.push_back({op.indices, second});
  }
  if (kind == ReduceKind::kMeanVar) {
    op.correction = correction;
    op.variance = bench.output(out, kept);
    expected.push_back({op.variance, second, Array(kept, 10), units, accumulator(value)});
  }
  bench.check(op, expected);
}

TEST_P(Conformance, ReduceEveryKind) {
  rounds(40, [](Bench& bench) {
    for (int k = 0; k <= static_cast<int>(ReduceKind::kMeanVar); ++k) {
      auto kind = static_cast<ReduceKind>(k);
      Shape shape = bench.shape(0, 5, 30, !needs_element(kind));
      auto axes = static_cast<uint8_t>(bench.uniform(0, (1 << shape.size()) - 1));
      reduce_once(bench, kind, shape, axes);
    }
  });
}

TEST_P(Conformance, ReduceLongAxes) {
  rounds(4, [](Bench& bench) {
    for (int k = 0; k <= static_cast<int>(ReduceKind::kMeanVar); ++k) {
      auto kind = static_cast<ReduceKind>(k);
      int64_t length = kind == ReduceKind::kProd ? 300 : bench.uniform(1000, 40'000);
      bool outer = bench.chance(0.5);
      Shape shape = outer ? Shape{length, bench.uniform(1, 20)} : Shape{bench.uniform(1, 20), length};
      reduce_once(bench, kind, shape, outer ? 1 : 2);
    }
  });
}

// As many degrees of freedom as elements, or more: 0 / 0 is NaN, anything else / 0 infinite. The mean of nothing is
// NaN.
TEST_P(Conformance, VarianceWithoutDegreesOfFreedom) {
  rounds(20, [](Bench& bench) {
    for (int64_t length = 0; length <= 2; ++length)
      for (double correction : {0, 1, 2, 3})
        for (int64_t other : {int64_t{1}, bench.uniform(2, 9)}) {
          reduce_once(bench, ReduceKind::kMeanVar, {length, other}, 1, correction);
          reduce_once(bench, ReduceKind::kMeanVar, {other, length}, 2, correction);
        }
  });
}

struct Running {
  Number value = 0, scale = 0, position = 0;
  uint64_t integer = 0;
};

// `first`: nothing came before.
void step(ScanKind kind, Running& r, Number x, int64_t at, bool first, bool is_float) {
  auto bits = static_cast<uint64_t>(is_float ? 0 : static_cast<int64_t>(x));
  switch (kind) {
    case ScanKind::kSum:
      r.integer += bits;
      r.value = is_float ? r.value + x : static_cast<Number>(static_cast<int64_t>(r.integer));
      r.scale += std::abs(x);
      return;
    case ScanKind::kProd:
      r.integer = first ? bits : r.integer * bits;
      r.value = !is_float ? static_cast<Number>(static_cast<int64_t>(r.integer)) : first ? x : r.value * x;
      r.scale = r.value;
      return;
    case ScanKind::kLogSumExp:
      if (first)
        r.value = x;
      else if (std::isinf(x) && x < 0)
        ;
      else
        r.value = std::max(r.value, x) + std::log1p(std::exp(-std::abs(r.value - x)));
      r.scale = 1 + std::abs(r.value) + std::abs(x) + r.scale;
      return;
    default: {
      bool better = kind == ScanKind::kMax ? x >= r.value : x <= r.value;
      if (first || std::isnan(x) || (!std::isnan(r.value) && better)) r.value = x, r.position = static_cast<Number>(at);
    }
  }
}

TEST_P(Conformance, ScanEveryKind) {
  rounds(60, [](Bench& bench) {
    for (int k = 0; k <= static_cast<int>(ScanKind::kLogSumExp); ++k) {
      auto kind = static_cast<ScanKind>(k);
      bool extreme = kind == ScanKind::kMax || kind == ScanKind::kMin;
      DType dtype = kind == ScanKind::kLogSumExp ? float_dtype(bench) : any_dtype(bench);
      DType out = extreme ? dtype : is_float(dtype) ? (bench.chance(0.7) ? dtype : DType::kF32) : DType::kI64;
      Shape shape = bench.shape(1, 4, bench.chance(0.1) ? 700 : 30);
      Fill fill = kind == ScanKind::kProd && is_float(dtype) ? Fill{0.8, 1.2} : Fill{-3, 3, extreme};
      Scan op{.kind = kind,
              .axis = static_cast<int32_t>(bench.uniform(0, static_cast<int64_t>(shape.size()) - 1)),
              .reverse = bench.chance(0.4),
              .input = bench.input(dtype, shape, fill),
              .output = bench.output(out, shape)};
      Array in = bench.load(op.input), value(shape), scale(shape), position(shape);
      Shape lines = shape;
      int64_t length = shape[op.axis];
      lines[op.axis] = 1;
      if (length == 0) lines[op.axis] = 0;
      for_each_position(lines, [&](Shape at) {
        Running r;
        for (int64_t i = 0; i < length; ++i) {
          at[op.axis] = op.reverse ? length - 1 - i : i;
          step(kind, r, in(at), at[op.axis], i == 0, is_float(dtype));
          value(at) = r.value;
          scale(at) = r.scale;
          position(at) = r.position;
        }
      });
      double units = extreme || !is_float(dtype) ? 0 : 2 * sum_units(length);
      std::vector<Expected> expected{{op.output, value, scale, units, accumulator(dtype)}};
      if (extreme && bench.chance(0.7)) {
        op.indices = bench.output(DType::kI64, shape);
        expected.push_back({op.indices, position});
      }
      bench.check(op, expected);
    }
  });
}

}  // namespace
}  // namespace lineshaft::conformance
