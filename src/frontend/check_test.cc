#include "lineshaft/frontend/check.h"

#include <gtest/gtest.h>

#include "frontend/run_program.h"
#include "lineshaft/frontend/devices.h"
#include "lineshaft/frontend/formulas/random.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;

void require(ProgramRef program, const std::vector<float>& values, double argument) {
  Tensor holds(DType::kBool, {static_cast<int64_t>(values.size())}), all(DType::kBool, {});
  test::run(program, {holds}, {test::vector_of(values)}, {Scalar::of(argument)});
  record_requirement(stream(0), Requirement::kRate, view_of(holds.ref()), view_of(all.ref()));
  stream(0).wait();
}

TEST(FrontendRequirements, OneElementThatDoesNotHoldIsRaised) {
  ProgramRef program = requirement_program<formulas::is_not_negative>(DType::kF32);
  require(program, {0, 1, 2}, 0);
  expect_error(ErrorCode::kInvalidArgument, text_of(Requirement::kRate), [&] { require(program, {0, -1, 2}, 0); });
  require(program, {3}, 0);
}

TEST(FrontendRequirements, FormulasMayTakeAnArgument) {
  ProgramRef program = requirement_program<formulas::is_weight>(DType::kF32);
  require(program, {0, 1.5}, 2);
  expect_error(ErrorCode::kInvalidArgument, text_of(Requirement::kRate), [&] { require(program, {0, 2}, 2); });
}

}  // namespace
}  // namespace lineshaft::frontend
