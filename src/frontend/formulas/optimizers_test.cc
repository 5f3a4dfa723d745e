#include "lineshaft/frontend/formulas/optimizers.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::expect_close;
using test::run;
using test::Tensor;
using test::vector_of;

const Doubles kParam{1, -2, 0.5, 0}, kGrad{0.25, -1, 0, 3}, kFirst{0.1, 0.2, -0.3, 0}, kSecond{0.5, 0.01, 0, 0.2};
const Doubles kHighest{0.4, 0.02, 0.1, 0.9};
constexpr double kLr = 0.1, kBeta1 = 0.9, kBeta2 = 0.99, kEps = 1e-3, kDecay = 0.05, kMomentum = 0.8, kRest = 0.7;

Tensor one(double value) {
  return vector_of<double>({value});
}
Tensor one_f32(float value) {
  return vector_of<float>({value});
}

std::vector<Scalar> scalars(std::initializer_list<double> values) {
  std::vector<Scalar> result;
  for (double value : values) result.push_back(Scalar::of(value));
  return result;
}

// A program's outputs, all f64, of the size of kParam.
std::vector<Doubles> stepped(ProgramRef program, const std::vector<Tensor>& inputs, const std::vector<Scalar>& args) {
  std::vector<Tensor> outputs;
  for (DType type : program->outputs) outputs.emplace_back(type, std::vector<int64_t>{4});
  run(program, outputs, inputs, args);
  std::vector<Doubles> results;
  for (const Tensor& output : outputs) results.push_back(output.values<double>());
  return results;
}

void expect_all(const std::vector<Doubles>& got, const std::vector<Doubles>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) expect_close(got[i], wanted[i], 1e-12);
}

// Step `t` of Adam, element by element.
std::vector<Doubles> adam_wanted(const AdamStep& step, double t) {
  Doubles params, ms, vs, tops;
  for (size_t i = 0; i < kParam.size(); ++i) {
    double x = kParam[i], g = step.maximize ? -kGrad[i] : kGrad[i];
    if (step.decay && step.decoupled) x *= 1 - kLr * kDecay;
    if (step.decay && !step.decoupled) g += kDecay * x;
    double m = kBeta1 * kFirst[i] + (1 - kBeta1) * g, v = kBeta2 * kSecond[i] + (1 - kBeta2) * g * g;
    double top = step.amsgrad ? std::max(kHighest[i], v) : v;
    double unbiased = std::sqrt(top / (1 - std::pow(kBeta2, t)));
    params.push_back(x - kLr * m / (1 - std::pow(kBeta1, t)) / (unbiased + kEps));
    ms.push_back(m);
    vs.push_back(v);
    tops.push_back(top);
  }
  std::vector<Doubles> results{params, ms, vs};
  if (step.amsgrad) results.push_back(tops);
  return results;
}

std::vector<Tensor> adam_inputs(const AdamStep& step) {
  std::vector<Tensor> inputs{vector_of(kParam), vector_of(kGrad), vector_of(kFirst), vector_of(kSecond)};
  if (step.amsgrad) inputs.push_back(vector_of(kHighest));
  return inputs;
}

std::vector<Scalar> adam_args(const AdamStep& step, double t) {
  std::vector<Scalar> args;
  if (step.host_counts) {
    AdamCorrections corrections = adam_corrections(t, kLr, kBeta1, kBeta2);
    args = scalars({corrections.step_size, corrections.root});
  }
  for (double value : {1 - kBeta1, kBeta2, 1 - kBeta2, kEps}) args.push_back(Scalar::of(value));
  if (!step.shared.lr) args.push_back(Scalar::of(kLr));
  if (step.decay) args.push_back(Scalar::of(kDecay));
  return args;
}

TEST(OptimizerFormulas, AdamInAllItsForms) {
  for (int flags = 0; flags < 16; ++flags) {
    AdamStep step{.type = DType::kF64, .state = DType::kF64, .host_counts = true};
    step.amsgrad = flags & 1;
    step.maximize = flags & 2;
    step.decay = flags & 4;
    step.decoupled = flags & 8;
    SCOPED_TRACE(flags);
    expect_all(stepped(adam_program(step), adam_inputs(step), adam_args(step, 3)), adam_wanted(step, 3));
  }
}

TEST(OptimizerFormulas, AdamWithItsCountsAndRateOnTheDevice) {
  AdamStep step{.type = DType::kF64, .state = DType::kF64, .decay = true, .decoupled = true};
  step.shared.lr = DType::kF32;
  Tensor rate = one_f32(kLr);
  auto corrections = stepped(adam_corrections_program(DType::kF32, DType::kF64, DType::kF32), {one_f32(3), rate},
                             scalars({std::log(kBeta1), std::log(kBeta2)}));
  auto by_host = adam_corrections(3, kLr, kBeta1, kBeta2);
  EXPECT_NEAR(corrections[0][0], by_host.step_size, 1e-7);
  EXPECT_NEAR(corrections[1][0], by_host.root, 1e-12);
  auto inputs = adam_inputs(step);
  for (const Tensor& more : {one(corrections[0][0]), one(corrections[1][0]), rate}) inputs.push_back(more);
  auto got = stepped(adam_program(step), inputs, adam_args(step, 3)), wanted = adam_wanted(step, 3);
  expect_close(got[0], wanted[0], 1e-6);
  expect_close(got[1], wanted[1], 1e-12);
}

TEST(OptimizerFormulas, CorrectionsOfEarlyStepsKeepTheirDigits) {
  // In f32 the power itself would leave 1 - 0.999999^1 two digits.
  Tensor step_size(DType::kF32, {1}), root(DType::kF32, {1});
  run(adam_corrections_program(DType::kF32, DType::kF32, std::nullopt), {step_size, root}, {one_f32(1)},
      scalars({std::log(0.999999), std::log(0.999999), 1}));
  EXPECT_NEAR(step_size.values<float>()[0], 1e6, 1);
  EXPECT_NEAR(root.values<float>()[0], 1e-3, 1e-9);
}

TEST(OptimizerFormulas, GradientsAreUnscaledAndWhatIsNotFiniteIsSkipped) {
  AdamStep step{.type = DType::kF64, .state = DType::kF64, .host_counts = true, .amsgrad = true, .maximize = true};
  step.shared = {.grad_scale = true, .found_inf = true};
  auto stepped_with = [&](float found) {
    auto inputs = adam_inputs(step);
    Doubles scaled = kGrad;
    for (double& value : scaled) value *= 4;
    inputs[1] = vector_of(scaled);
    inputs.push_back(one_f32(4));
    inputs.push_back(one_f32(found));
    return stepped(adam_program(step), inputs, adam_args(step, 2));
  };
  auto wanted = adam_wanted(step, 2);
  wanted.push_back(kGrad);
  expect_all(stepped_with(0), wanted);
  expect_all(stepped_with(1), {kParam, kFirst, kSecond, kHighest, kGrad});
}

TEST(OptimizerFormulas, SgdInAllItsForms) {
  for (int flags = 0; flags < 32; ++flags) {
    SgdStep step{.type = DType::kF64};
    step.momentum = flags & 1;
    step.nesterov = flags & 2;
    step.first = flags & 4;
    step.maximize = flags & 8;
    step.decay = flags & 16;
    Doubles params, buffers;
    for (size_t i = 0; i < kParam.size(); ++i) {
      double g = (step.maximize ? -kGrad[i] : kGrad[i]) + (step.decay ? kDecay * kParam[i] : 0);
      double buffer = step.first ? g : kMomentum * kFirst[i] + kRest * g;
      double moved = !step.momentum ? g : step.nesterov ? g + kMomentum * buffer : buffer;
      params.push_back(kParam[i] - kLr * moved);
      buffers.push_back(buffer);
    }
    std::vector<Tensor> inputs{vector_of(kParam), vector_of(kGrad)};
    std::vector<Doubles> wanted{params};
    std::vector<Scalar> args = scalars({kLr});
    if (step.decay) args.push_back(Scalar::of(kDecay));
    if (step.momentum) {
      inputs.push_back(vector_of(kFirst));
      wanted.push_back(buffers);
      for (double value : {kMomentum, kRest}) args.push_back(Scalar::of(value));
    }
    SCOPED_TRACE(flags);
    expect_all(stepped(sgd_program(step), inputs, args), wanted);
  }
}

TEST(OptimizerFormulas, SgdSkipsWhatIsNotFinite) {
  SgdStep step{.type = DType::kF64, .momentum = true, .shared = {.found_inf = true, .lr = DType::kF64}};
  auto got = stepped(sgd_program(step), {vector_of(kParam), vector_of(kGrad), vector_of(kFirst), one_f32(1), one(kLr)},
                     scalars({kMomentum, kRest}));
  expect_all(got, {kParam, kFirst});
}

TEST(OptimizerFormulas, Adagrad) {
  for (int flags = 0; flags < 4; ++flags) {
    AdagradStep step{.type = DType::kF64, .count = DType::kF32};
    step.maximize = flags & 1;
    step.decay = flags & 2;
    step.shared.grad_scale = true;
    double t = 5, lr_decay = 0.25;
    Doubles params, sums, gradients;
    for (size_t i = 0; i < kParam.size(); ++i) {
      gradients.push_back(kGrad[i] / 8);
      double g = (step.maximize ? -kGrad[i] : kGrad[i]) / 8 + (step.decay ? kDecay * kParam[i] : 0);
      sums.push_back(kSecond[i] + g * g);
      params.push_back(kParam[i] - kLr / (1 + (t - 1) * lr_decay) * g / (std::sqrt(sums[i]) + kEps));
    }
    std::vector<Scalar> args = scalars({kLr, lr_decay, kEps});
    if (step.decay) args.push_back(Scalar::of(kDecay));
    std::vector<Tensor> inputs{vector_of(kParam), vector_of(kGrad), vector_of(kSecond), one_f32(5), one_f32(8)};
    SCOPED_TRACE(flags);
    expect_all(stepped(adagrad_program(step), inputs, args), {params, sums, gradients});
  }
}

TEST(OptimizerFormulas, DtypesOfInputsAndOutputs) {
  AdamStep step{.type = DType::kBF16, .state = DType::kF32, .amsgrad = true};
  step.shared = {.grad_scale = true, .found_inf = true, .lr = DType::kF64};
  ProgramRef program = adam_program(step);
  using Types = std::vector<DType>;
  EXPECT_EQ(program->inputs, (Types{DType::kBF16, DType::kBF16, DType::kF32, DType::kF32, DType::kF32, DType::kF32,
                                    DType::kF32, DType::kF32, DType::kF32, DType::kF64}));
  EXPECT_EQ(program->outputs, (Types{DType::kBF16, DType::kF32, DType::kF32, DType::kF32, DType::kBF16}));
  step.shared.lr = DType::kF32;
  EXPECT_EQ(adam_program(step)->inputs.back(), DType::kF32);
  EXPECT_NE(adam_program(step), program);
}

TEST(OptimizerArguments, AreAsManyAsTheProgramsTake) {
  AdamRates rates{.lr = kLr, .beta1 = kBeta1, .beta2 = kBeta2, .eps = kEps, .decay = kDecay};
  for (bool host : {false, true})
    for (bool decay : {false, true})
      for (bool lr_input : {false, true}) {
        StepInputs shared{.lr = lr_input ? std::optional(DType::kF64) : std::nullopt};
        AdamStep adam{.type = DType::kF64, .state = DType::kF64, .host_counts = host, .decay = decay, .shared = shared};
        EXPECT_EQ(adam_arguments(adam, rates, 3).size(), adam_program(adam)->args.size());
        EXPECT_EQ(adam_corrections_arguments(shared.lr, rates).size(),
                  adam_corrections_program(DType::kF32, DType::kF64, shared.lr)->args.size());
        SgdStep sgd{.type = DType::kF64, .momentum = host, .decay = decay, .shared = shared};
        EXPECT_EQ(sgd_arguments(sgd, kLr, kDecay, kMomentum, 0.3).size(), sgd_program(sgd)->args.size());
        AdagradStep adagrad{.type = DType::kF64, .decay = decay, .shared = shared};
        EXPECT_EQ(adagrad_arguments(adagrad, kLr, 0.01, kEps, kDecay).size(), adagrad_program(adagrad)->args.size());
      }
}

TEST(OptimizerArguments, StandInTheProgramsOrder) {
  auto list = [](const StepArguments& arguments) { return Doubles(arguments.begin(), arguments.end()); };
  AdamRates rates{.lr = kLr, .beta1 = kBeta1, .beta2 = kBeta2, .eps = kEps, .decay = kDecay};
  auto corrections = adam_corrections(3, kLr, kBeta1, kBeta2);
  EXPECT_EQ(list(adam_arguments({.host_counts = true, .decay = true}, rates, 3)),
            (Doubles{corrections.step_size, corrections.root, 1 - kBeta1, kBeta2, 1 - kBeta2, kEps, kLr, kDecay}));
  EXPECT_EQ(list(adam_corrections_arguments(std::nullopt, rates)), (Doubles{std::log(kBeta1), std::log(kBeta2), kLr}));
  EXPECT_EQ(list(sgd_arguments({.momentum = true, .decay = true}, kLr, kDecay, kMomentum, 0.25)),
            (Doubles{kLr, kDecay, kMomentum, 0.75}));
  EXPECT_EQ(list(adagrad_arguments({.decay = true}, kLr, 0.01, kEps, kDecay)), (Doubles{kLr, 0.01, kEps, kDecay}));
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
