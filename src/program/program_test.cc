#include "lineshaft/program/program.h"

#include <gtest/gtest.h>

#include "lineshaft/base/error.h"
#include "lineshaft/program/expression.h"
#include "program/compose.h"

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
