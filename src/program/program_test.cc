#include "lineshaft/program/program.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "lineshaft/base/error.h"
#include "lineshaft/program/expression.h"
#include "program/compose.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

TEST(Program, EqualFormulasAreOneProgram) {
  auto build = [] {
    ProgramBuilder p;
    Expr x = p.input(DType::kF32);
    p.output(x / (exp(-x) + 1.0), DType::kF32);
    return p.finish();
  };
  EXPECT_EQ(build(), build());
}

TEST(Program, CommonSubexpressionsAndDeadCodeGo) {
  ProgramBuilder p;
  Expr x = p.input(DType::kF32);
  sqrt(x);  // dead
  p.output(exp(x) + exp(x), DType::kF32);
  ProgramRef program = p.finish();
  EXPECT_EQ(program->code.size(), 3u) << to_string(*program);
}

TEST(Program, NarrowOfALoadedHalfIsTheLoad) {
  ProgramBuilder p;
  Expr x = p.input(DType::kF16);
  p.output(narrow(x, DType::kF16), DType::kF16);
  EXPECT_EQ(p.finish(), identity_program(DType::kF16));
  EXPECT_EQ(cast_program(DType::kF16, DType::kF16), identity_program(DType::kF16));
}

TEST(Program, MalformedCodeIsRejected) {
  Program good = *identity_program(DType::kF32);
  std::vector<Program> bad(7, good);
  bad[0].code[0].imm = 1;                                       // no such input
  bad[1].results[0] = 5;                                        // no such value
  bad[2].code.push_back({Opcode::kAdd, DType::kF32, 0, 0, 7});  // operand not yet defined
  bad[3].code.push_back({Opcode::kAdd, DType::kI32, 0, 0, 0});  // type does not follow
  bad[4].code.push_back({static_cast<Opcode>(200), DType::kF32});
  bad[5].code.push_back({Opcode::kAnd, DType::kF32, 0, 0, 0});  // floats have no bits
  bad[6].outputs[0] = DType::kI32;                              // stores another type
  for (size_t i = 0; i < bad.size(); ++i) EXPECT_THROW(intern(bad[i]), Error) << i;
}

TEST(Program, ExpressionsOfTwoBuildersDoNotMix) {
  ProgramBuilder p, q;
  Expr x = p.input(DType::kF32), y = q.input(DType::kF32), none;
  for (const auto& mix : std::initializer_list<std::function<void()>>{
           [&] { x + y; }, [&] { y* x; }, [&] { select(x < 0.0, x, y); }, [&] { p.output(y, DType::kF32); },
           [&] { p.output(y, DType::kF64); }})
    expect_error(ErrorCode::kInvalidArgument, "is another builder's", mix);
  for (const auto& use : std::initializer_list<std::function<void()>>{
           [&] { x + none; }, [&] { none + x; }, [&] { exp(none); }, [&] { none * 2.0; },
           [&] { cast(none, DType::kI32); }, [&] { narrow(none, DType::kF16); }, [&] { p.output(none, DType::kF32); }})
    expect_error(ErrorCode::kInvalidArgument, "names no value", use);
  p.output(x, DType::kF32);
  EXPECT_EQ(p.finish(), identity_program(DType::kF32));
}

TEST(Program, NumbersThatABuilderDoesNotTakeAreRefused) {
  ProgramBuilder p;
  Expr seed = p.input(DType::kI64);
  for (int axis : {-1, 8, 65536}) expect_error("axes are 0 to 7", [&] { p.index(axis); });
  for (int word : {-1, 4, 65536}) expect_error("they are 0 to 3", [&] { philox(seed, seed, word); });
  expect_error("opcode 250 is unknown", [&] { p.emit(static_cast<Opcode>(250), DType::kI64, seed); });
  auto wild = static_cast<DType>(77);
  expect_error("dtype number 77", [&] { identity_program(wild); });
  expect_error("dtype number 77", [&] { cast_program(wild, DType::kF32); });
  expect_error("dtype number 77", [&] { cast_program(DType::kF32, wild); });
}

TEST(Program, ANumberThatAnIntegerDoesNotReachIsItsSmallestValue) {
  auto stored = [](double value) {
    ProgramBuilder p;
    p.output(p.constant(DType::kI64, value), DType::kI64);
    return p.finish()->constants[0].as_int();
  };
  EXPECT_EQ(stored(-2.9), -2);
  EXPECT_EQ(stored(0x1p62), int64_t{1} << 62);
  EXPECT_EQ(stored(-0x1p63), INT64_MIN);
  for (double value : {0x1p63, -0x1p64, 1e300, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(stored(value), INT64_MIN) << value;
}

TEST(Compose, APassedValueIsRoundedToItsDtype) {
  ProgramBuilder first, second;
  Expr x = first.input(DType::kF32);
  first.output(exp(x), DType::kF16);
  Expr y = second.input(DType::kF16);
  second.output(y * 2.0, DType::kF32);
  const Wire wires[] = {{Wire::kFirstOutput, 0}};
  const uint8_t replaced[] = {kNotReplaced};
  ProgramRef both = compose(first.finish(), second.finish(), wires, replaced);
  ProgramRef last = keep_outputs(both, 0b10);
  ProgramBuilder expected;
  Expr z = expected.input(DType::kF32);
  expected.output(narrow(exp(z), DType::kF16) * 2.0, DType::kF32);
  EXPECT_EQ(last, expected.finish()) << to_string(*last);
}

TEST(Compose, ReplacedOutputsTakeTheLaterValue) {
  ProgramBuilder b;
  Expr x = b.input(DType::kF32);
  b.output(x * b.arg(DType::kF32), DType::kF32);
  ProgramRef scale = b.finish();
  const Wire wires[] = {{Wire::kFirstOutput, 0}};
  const uint8_t replaced[] = {0};
  ProgramRef twice = compose(scale, scale, wires, replaced);
  EXPECT_EQ(twice->outputs.size(), 1u);
  EXPECT_EQ(twice->args.size(), 2u);
  EXPECT_EQ(twice->inputs.size(), 1u);
}

}  // namespace
}  // namespace lineshaft
