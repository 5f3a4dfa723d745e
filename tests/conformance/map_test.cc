// map and map_each: every opcode on edge values, and random programs bit for bit.
#include <cmath>
#include <limits>

#include "conformance/bench.h"
#include "conformance/interpreter.h"
#include "conformance/programs.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::conformance {
namespace {

std::vector<Array> load_all(Bench& bench, std::span<const TensorView> views) {
  std::vector<Array> arrays;
  for (const TensorView& view : views) arrays.push_back(bench.load(view));
  return arrays;
}

TEST_P(Conformance, MapRunsRandomPrograms) {
  rounds(150, [](Bench& bench) {
    Shape shape = bench.shape(0, 5, 40);
    std::vector<DType> inputs(bench.uniform(0, 4)), outputs(bench.uniform(1, 3));
    for (DType& dtype : inputs) dtype = any_dtype(bench);
    for (DType& dtype : outputs) dtype = any_dtype(bench);
    std::vector<TensorView> in, out;
    for (DType dtype : inputs) in.push_back(bench.input(dtype, shape, {.low = -4, .high = 4, .edges = is_int(dtype)}));
    for (DType dtype : outputs) out.push_back(bench.output(dtype, shape));
    auto [program, args] =
        exact_program(bench, inputs, outputs, static_cast<int>(shape.size()), static_cast<int>(bench.uniform(1, 30)));
    Map op{.program = program, .inputs = in, .outputs = out, .args = args};
    auto want = interpret(*program, shape, load_all(bench, in), args);
    std::vector<Expected> expected;
    for (size_t k = 0; k < out.size(); ++k) expected.push_back({out[k], want[k]});
    bench.check(op, expected);
  });
}

TEST_P(Conformance, MapInPlace) {
  rounds(20, [](Bench& bench) {
    Shape shape = bench.shape(1, 4, 50);
    DType dtype = bench.pick({DType::kF32, DType::kI32, DType::kU8, DType::kF16});
    TensorView view = bench.output(dtype, shape);
    Array before = bench.load(view);
    auto [program, args] = exact_program(bench, {&dtype, 1}, {&dtype, 1}, 0, 6);
    if (is_float(dtype)) {  // the untouched pattern is a tiny number: compute something exact with it
      ProgramBuilder p;
      p.output(-p.input(dtype), dtype);
      program = p.finish();
      args.clear();
    }
    Map op{.program = program, .inputs = {&view, 1}, .outputs = {&view, 1}, .args = args};
    bench.check(op, {{view, interpret(*program, shape, {&before, 1}, args)[0]}});
  });
}

TEST_P(Conformance, MapCopiesAndCastsBetweenAllDtypes) {
  rounds(3, [](Bench& bench) {
    for (DType from : kAllDTypes)
      for (DType to : kAllDTypes) {
        Shape shape = bench.shape(0, 3, 70);
        TensorView in = bench.input(from, shape, {.low = -300, .high = 100, .edges = true});
        TensorView out = bench.output(to, shape);
        ProgramBuilder p;
        p.output(p.input(from), to);
        ProgramRef program = p.finish();
        Array source = bench.load(in);
        Map op{.program = program, .inputs = {&in, 1}, .outputs = {&out, 1}};
        bench.check(op, {{out, interpret(*program, shape, {&source, 1}, {})[0]}});
      }
  });
}

// How far an opcode's f32 or f64 result may be from the true one: in ulps on the CPU, in ulps on other devices.
struct Accuracy {
  double cpu, other;
  bool edges = true;  // checked on infinities and the largest values too
  double low = -4, high = 4;
};

Accuracy accuracy_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::kNeg:
    case Opcode::kAbs:
    case Opcode::kSign:
    case Opcode::kAdd:
    case Opcode::kSub:
    case Opcode::kMul:
    case Opcode::kMin:
    case Opcode::kMax:
    case Opcode::kFloor:
    case Opcode::kCeil:
    case Opcode::kTrunc:
    case Opcode::kRound:
    case Opcode::kCopysign:
    case Opcode::kNextafter:
      return {0, 0};
    case Opcode::kDiv:
    case Opcode::kSqrt:
      return {0, 4};
    case Opcode::kRem:
      return {0, 4, false};
    case Opcode::kRsqrt:
      return {0, 4};
    case Opcode::kSin:
    case Opcode::kCos:
    case Opcode::kTan:
      return {4, 64, false};
    case Opcode::kPow:
      return {4, 64, true, 0, 4};
    case Opcode::kLgamma:
    case Opcode::kDigamma:
      return {32, 256, false, 0.05, 30};
    case Opcode::kErfinv:
      return {8, 64, true, -1, 1};
    case Opcode::kAsin:
    case Opcode::kAcos:
    case Opcode::kAtanh:
      return {8, 64, true, -1, 1};
    default:
      return {8, 64};
  }
}

bool takes_floats(Opcode opcode) {
  const OpcodeInfo& info = info_of(opcode);
  return opcode > Opcode::kBitcast && opcode < Opcode::kEq && std::string(info.kinds).find('F') != std::string::npos;
}

void check_opcode(Bench& bench, Opcode opcode, DType type) {
  int operands = info_of(opcode).operands;
  Accuracy accuracy = accuracy_of(opcode);
  Shape shape{bench.uniform(200, 400)};
  std::vector<TensorView> in;
  ProgramBuilder p;
  Expr x[2];
  for (int i = 0; i < operands; ++i) {
    in.push_back(bench.input(type, shape, {.low = accuracy.low, .high = accuracy.high, .edges = accuracy.edges}));
    x[i] = p.input(type);
  }
  p.output(p.emit(opcode, type, x[0], x[1]), type);
  ProgramRef program = p.finish();
  TensorView out = bench.output(type, shape);
  Expected expected{out, interpret(*program, shape, load_all(bench, in), {})[0]};
  expected.units = 2 * (bench.is_cpu() ? accuracy.cpu : accuracy.other);
  if (opcode == Opcode::kLgamma || opcode == Opcode::kDigamma) expected.scale = Array(shape, 1);  // near their zeros
  bench.check(Map{.program = program, .inputs = in, .outputs = {&out, 1}}, {expected});
}

TEST_P(Conformance, MapOpcodesOnEdgeValues) {
  rounds(3, [](Bench& bench) {
    for (int i = 0; i < kOpcodeCount; ++i) {
      auto opcode = static_cast<Opcode>(i);
      if (!takes_floats(opcode)) continue;
      SCOPED_TRACE(info_of(opcode).name);
      for (DType type : {DType::kF32, DType::kF64}) check_opcode(bench, opcode, type);
    }
  });
}

// What a driver makes of a literal is what it makes of a value.
TEST_P(Conformance, MapLiteralsHideNoNaN) {
  constexpr Number kNaN = std::numeric_limits<Number>::quiet_NaN(), kInfinity = std::numeric_limits<Number>::infinity();
  bool keeps_signs = GetParam().starts_with("cpu");  // of zeros; SPIR-V leaves them open
  rounds(1, [&](Bench& bench) {
    for (DType type : {DType::kF32, DType::kF64}) {
      Array values(Shape{64});
      Number special[] = {kNaN, kInfinity, -kInfinity, 0, -0.0L, 1, -2, 0.5};
      for (size_t i = 0; i < values.data.size(); ++i) values.data[i] = special[i % std::size(special)];
      for (double literal : {0.0, -0.0, 1.0, -1.0, 2.0, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()})
        for (Opcode opcode : {Opcode::kAdd, Opcode::kSub, Opcode::kMul, Opcode::kDiv, Opcode::kMin, Opcode::kMax,
                              Opcode::kCopysign, Opcode::kPow}) {
          SCOPED_TRACE(concat(info_of(opcode).name, " with ", literal, " in ", name_of(type)));
          ProgramBuilder p;
          Expr x = p.input(type), y = literal_like(x, literal);
          Expr results[] = {p.emit(opcode, type, x, y), p.emit(opcode, type, y, x), p.emit(opcode, type, x, x)};
          std::vector<TensorView> out;
          bool signs =
              keeps_signs && opcode != Opcode::kMin && opcode != Opcode::kMax;  // which of two zeros is less is open
          for (Expr result : results) {
            p.output(result, type);
            if (signs) p.output(literal_like(x, 1.0) / result, type);
            for (int k = 0; k < (signs ? 2 : 1); ++k) out.push_back(bench.output(type, values.shape));
          }
          ProgramRef program = p.finish();
          TensorView in = bench.input(type, values);
          auto want = interpret(*program, values.shape, {&values, 1}, {});
          std::vector<Expected> expected;
          for (size_t k = 0; k < out.size(); ++k) expected.push_back({.view = out[k], .value = want[k], .units = 8});
          bench.check(Map{.program = program, .inputs = {&in, 1}, .outputs = out}, expected);
        }
    }
  });
}

TEST_P(Conformance, MapIntegersOnEdgeValues) {
  rounds(3, [](Bench& bench) {
    for (int i = 0; i < kOpcodeCount; ++i) {
      auto opcode = static_cast<Opcode>(i);
      const OpcodeInfo& info = info_of(opcode);
      if (opcode <= Opcode::kBitcast || opcode >= Opcode::kSelect ||
          std::string(info.kinds).find('I') == std::string::npos)
        continue;
      SCOPED_TRACE(info.name);
      for (DType type : {DType::kI32, DType::kI64}) {
        Shape shape{300};
        ProgramBuilder p;
        Expr x = p.input(type), y = info.operands > 1 ? p.input(type) : Expr{};
        bool truth = opcode >= Opcode::kEq && opcode <= Opcode::kLe;
        p.output(p.emit(opcode, truth ? DType::kBool : type, x, y), truth ? DType::kBool : type);
        ProgramRef program = p.finish();
        std::vector<TensorView> in;
        for (int k = 0; k < info.operands; ++k) in.push_back(bench.input(type, shape, {-70, 70, true}));
        TensorView out = bench.output(truth ? DType::kBool : type, shape);
        auto want = interpret(*program, shape, load_all(bench, in), {});
        bench.check(Map{.program = program, .inputs = in, .outputs = {&out, 1}}, {{out, want[0]}});
      }
    }
  });
}

TEST_P(Conformance, MapDrawsPhiloxNumbers) {
  rounds(5, [](Bench& bench) {
    Shape shape = bench.shape(1, 3, 40);
    std::vector<TensorView> out{bench.output(DType::kI32, shape), bench.output(DType::kF32, shape)};
    ProgramBuilder p;
    Expr bits = philox(p.arg(DType::kI64), p.linear() + p.arg(DType::kI64), static_cast<int>(bench.uniform(0, 3)));
    p.output(bits, DType::kI32);
    p.output(uniform_from_bits(bits), DType::kF32);
    std::vector<Scalar> args{Scalar::of(static_cast<int64_t>(bench.random())),
                             Scalar::of(static_cast<int64_t>(bench.random() >> 2))};
    ProgramRef program = p.finish();
    auto want = interpret(*program, shape, {}, args);
    bench.check(Map{.program = program, .outputs = out, .args = args}, {{out[0], want[0]}, {out[1], want[1]}});
  });
}

TEST_P(Conformance, MapEachRunsItsGroups) {
  rounds(40, [](Bench& bench) {
    std::vector<DType> inputs(bench.uniform(1, 3)), outputs(bench.uniform(1, 2));
    for (DType& dtype : inputs) dtype = any_dtype(bench);
    for (DType& dtype : outputs) dtype = any_dtype(bench);
    auto [program, args] = exact_program(bench, inputs, outputs, 0, 8);
    auto groups = static_cast<size_t>(bench.uniform(1, 12));
    bool apart = bench.chance(0.5);
    std::vector<Scalar> all_args;
    for (size_t g = 0; g < (apart ? groups : 1); ++g) all_args.insert(all_args.end(), args.begin(), args.end());
    std::vector<TensorView> in, out;
    std::vector<Expected> expected;
    for (size_t g = 0; g < groups; ++g) {
      Shape shape = bench.shape(0, 3, 60);
      std::vector<Array> values;
      for (DType dtype : inputs) {
        bool single = !shape.empty() && bench.chance(0.2);
        in.push_back(bench.input(dtype, single ? Shape{} : shape, {-4, 4}));
        values.push_back(single ? Array(shape, bench.load(in.back()).data[0]) : bench.load(in.back()));
      }
      auto want = interpret(*program, shape, values, args);
      for (size_t k = 0; k < outputs.size(); ++k) {
        out.push_back(bench.output(outputs[k], shape));
        expected.push_back({out.back(), want[k]});
      }
    }
    bench.check(MapEach{.program = program, .inputs = in, .outputs = out, .args = all_args}, expected);
  });
}

}  // namespace
}  // namespace lineshaft::conformance
