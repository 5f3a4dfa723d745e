// matmul against three loops.
#include <cmath>

#include "conformance/bench.h"
#include "conformance/interpreter.h"
#include "conformance/programs.h"

namespace lineshaft::conformance {
namespace {

struct Product {
  Array value, scale;
};

Product multiply(const Array& a, const Array& b, const Shape& shape, DType dtype) {
  Product r{Array(shape), Array(shape)};
  bool batched = shape.size() == 3;
  int64_t inner = a.shape.back();
  for_each_position(shape, [&](const Shape& at) {
    Shape left(at), right(at);
    uint64_t wrapped = 0;
    for (int64_t k = 0; k < inner; ++k) {
      left.back() = k;
      right[batched] = k;
      Number x = a(left), y = b(right);
      if (is_float(dtype)) {
        r.value(at) += x * y;
        r.scale(at) += std::abs(x * y);
      } else {
        wrapped += static_cast<uint64_t>(static_cast<int64_t>(x)) * static_cast<uint64_t>(static_cast<int64_t>(y));
      }
    }
    if (!is_float(dtype)) r.value(at) = stored(static_cast<Number>(static_cast<int64_t>(wrapped)), compute_type(dtype));
  });
  return r;
}

void matmul_once(Bench& bench, int64_t m, int64_t n, int64_t k, int64_t batch) {
  DType dtype = bench.chance(0.75) ? float_dtype(bench) : any_dtype(bench);
  if (dtype == DType::kBool) dtype = DType::kF32;
  auto with_batch = [&](int64_t rows, int64_t columns) {
    return batch > 0 ? Shape{batch, rows, columns} : Shape{rows, columns};
  };
  Shape shape = with_batch(m, n);
  Matmul op{.a = bench.input(dtype, with_batch(m, k)), .b = bench.input(dtype, with_batch(k, n))};
  Product r = multiply(bench.load(op.a), bench.load(op.b), shape, dtype);
  DType out = is_float(dtype) ? (bench.chance(0.7) ? dtype : float_dtype(bench)) : bench.pick({dtype, DType::kI64});
  double units = is_float(dtype) ? sum_units(k) : 0;
  RandomProgram epilogue;
  std::vector<TensorView> extra;
  if (is_float(dtype) && bench.chance(0.4)) {
    DType result = bench.chance(0.7) ? accumulator(dtype) : dtype;
    std::vector<DType> types(bench.uniform(0, 2), DType::kF32);
    for (DType& type : types) {
      type = float_dtype(bench);
      extra.push_back(bench.input(type, shape));
    }
    epilogue = epilogue_program(bench, result, types, out);
    std::vector<Array> inputs{r.value};
    for (Number& x : inputs[0].data) x = stored(x, result);
    for (const TensorView& view : extra) inputs.push_back(bench.load(view));
    r.value = interpret(*epilogue.program, shape, inputs, epilogue.args)[0];
    for (Number& s : r.scale.data) s += 4;
    op.epilogue = {.program = epilogue.program, .inputs = extra, .args = epilogue.args};
    if (!is_compute_type(result)) units *= result == DType::kF16 ? 0x1p11 : 0x1p14;
  }
  op.output = bench.output(out, shape);
  bench.check(op, {{op.output, r.value, r.scale, units, accumulator(dtype)}});
}

TEST_P(Conformance, MatmulSmallShapes) {
  rounds(200, [](Bench& bench) {
    matmul_once(bench, bench.size(20), bench.size(20), bench.size(20), bench.chance(0.5) ? bench.size(5) : -1);
  });
}

TEST_P(Conformance, MatmulLargerShapes) {
  rounds(10, [](Bench& bench) {
    matmul_once(bench, bench.uniform(30, 100), bench.uniform(30, 100), bench.uniform(30, 200),
                bench.chance(0.3) ? 3 : -1);
  });
}

// As windows of one array do: each batch begins a row, or an element, after the one before, or where that does.
TEST_P(Conformance, MatmulOfBatchesThatOverlap) {
  rounds(16, [](Bench& bench) {
    auto windows = [&](int64_t rows, int64_t columns) {
      TensorView view = bench.input(DType::kF32, Shape{6 * rows * columns}, {}, Layout::kForward);
      int64_t each = view.strides[0], step = bench.pick({columns, int64_t{1}, int64_t{0}});
      view.rank = 3;
      view.sizes = {6, rows, columns};
      view.strides = {step * each, columns * each, each};
      return view;
    };
    Matmul op{.a = windows(5, 7), .b = windows(7, 3)};
    Product r = multiply(bench.load(op.a), bench.load(op.b), {6, 5, 3}, DType::kF32);
    op.output = bench.output(DType::kF32, Shape{6, 5, 3});
    bench.check(op, {{op.output, r.value, r.scale, sum_units(7), accumulator(DType::kF32)}});
  });
}

// What devices cut into parts.
TEST_P(Conformance, MatmulLongSums) {
  rounds(6, [](Bench& bench) {
    matmul_once(bench, bench.size(40), bench.size(40), bench.uniform(600, 3000), bench.chance(0.3) ? 2 : -1);
  });
}

TEST_P(Conformance, MatmulOfNothingIsZero) {
  rounds(3, [](Bench& bench) { matmul_once(bench, 3, 5, 0, bench.chance(0.5) ? 2 : -1); });
}

}  // namespace
}  // namespace lineshaft::conformance
