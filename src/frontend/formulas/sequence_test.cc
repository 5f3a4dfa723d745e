#include "lineshaft/frontend/formulas/sequence.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::run;
using test::Tensor;

template <class T>
std::vector<T> made(ProgramRef program, std::vector<int64_t> sizes, const std::vector<Scalar>& args = {}) {
  Tensor out(program->outputs[0], std::move(sizes));
  run(program, {out}, {}, args);
  return out.values<T>();
}

template <class T>
std::vector<T> linspace(DType type, double start, double end, int64_t steps) {
  double step = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  return made<T>(linspace_program(type), {steps},
                 {Scalar::of(start), Scalar::of(end), Scalar::of(step), Scalar::of(steps)});
}

TEST(SequenceFormulas, ZerosOverwrite) {
  Tensor floats = test::vector_of<float>({1, -2, NAN});
  run(zeros_program(DType::kF32), {floats}, {});
  EXPECT_EQ(floats.values<int32_t>(), (std::vector<int32_t>{0, 0, 0}));
  Tensor flags(DType::kBool, {2}, std::vector<uint8_t>{1, 1});
  run(zeros_program(DType::kBool), {flags}, {});
  EXPECT_EQ(flags.values<uint8_t>(), (std::vector<uint8_t>{0, 0}));
}

TEST(SequenceFormulas, Arange) {
  EXPECT_EQ(made<int64_t>(arange_program(DType::kI64), {4}, {Scalar::of(int64_t{1} << 60), Scalar::of(int64_t{-3})}),
            (std::vector<int64_t>{1LL << 60, (1LL << 60) - 3, (1LL << 60) - 6, (1LL << 60) - 9}));
  EXPECT_EQ(made<uint8_t>(arange_program(DType::kU8), {3}, {Scalar::of(int64_t{250}), Scalar::of(int64_t{3})}),
            (std::vector<uint8_t>{250, 253, 0}));
  EXPECT_EQ(made<float>(arange_program(DType::kF32), {2, 2}, {Scalar::of(0.5), Scalar::of(0.25)}),
            (std::vector<float>{0.5, 0.75, 1, 1.25}));
  // Counted in f32: 2049 is no f16.
  auto wide = made<uint16_t>(arange_program(DType::kF16), {2050}, {Scalar::of(-2048.0), Scalar::of(1.0)});
  EXPECT_EQ(wide[2049], 0x3c00) << "is not 1";
}

TEST(SequenceFormulas, LinspaceHasBothEnds) {
  for (int64_t steps : {2, 3, 7, 1000}) {
    auto got = linspace<float>(DType::kF32, 0.1, 0.7, steps);
    EXPECT_EQ(got.front(), 0.1f);
    EXPECT_EQ(got.back(), 0.7f);
    for (int64_t i = 0; i < steps; ++i)
      ASSERT_NEAR(got[i], 0.1 + 0.6 * static_cast<double>(i) / static_cast<double>(steps - 1), 1e-7) << i;
  }
  EXPECT_EQ(linspace<float>(DType::kF32, 3, 3, 1), (std::vector<float>{3}));
  EXPECT_EQ(linspace<int32_t>(DType::kI32, -3, 4, 5), (std::vector<int32_t>{-3, -1, 0, 2, 4}));
}

TEST(SequenceFormulas, Eye) {
  EXPECT_EQ(made<int32_t>(eye_program(DType::kI32), {2, 3}), (std::vector<int32_t>{1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(made<uint8_t>(eye_program(DType::kBool), {3, 2}), (std::vector<uint8_t>{1, 0, 0, 1, 0, 0}));
}

TEST(SequenceFormulas, LinspaceSteps) {
  EXPECT_EQ(linspace_step(1, 3, 5), 0.5);
  EXPECT_EQ(linspace_step(1, 3, 1), 0);
  EXPECT_EQ(linspace_step(1, 3, 0), 0);
}

TEST(SequenceFormulas, LinspaceArguments) {
  auto made_of = [](double start, double end, int64_t steps) {
    auto args = linspace_arguments(start, end, steps);
    return made<float>(linspace_program(DType::kF32), {steps}, {args.begin(), args.end()});
  };
  EXPECT_EQ(made_of(1, 3, 5), (std::vector<float>{1, 1.5, 2, 2.5, 3}));
  EXPECT_EQ(made_of(1, 3, 1), (std::vector<float>{1}));
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
