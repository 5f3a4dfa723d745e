#include "lineshaft/frontend/formulas/recurrent.h"

#include "frontend/run_program.h"
#include "lineshaft/fusion/fusion.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::run;
using test::Tensor;
using test::vector_of;

constexpr int kSize = 4;
constexpr DType kDouble = DType::kF64;

double sigmoid_of(double x) {
  return 1 / (1 + std::exp(-x));
}

// A slice of a gate, of numbers about as large as `scale`.
Doubles slice(int number, double scale = 2) {
  Doubles values(kSize);
  for (int i = 0; i < kSize; ++i) values[i] = scale * std::sin(1.7 * number + 0.9 * i);
  return values;
}

std::vector<Tensor> tensors_of(const std::vector<Doubles>& lists) {
  std::vector<Tensor> tensors;
  for (const Doubles& values : lists) tensors.push_back(vector_of<double>(values));
  return tensors;
}

std::vector<Doubles> run_cell(ProgramRef program, const std::vector<Doubles>& inputs) {
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < program->outputs.size(); ++i) outputs.emplace_back(kDouble, std::vector<int64_t>{kSize});
  run(program, outputs, tensors_of(inputs));
  std::vector<Doubles> values;
  for (const Tensor& output : outputs) values.push_back(output.values<double>());
  return values;
}

struct Lstm {
  double hidden, next, i, f, g, o;
};
Lstm lstm(const std::array<double, 4>& sums, double cell) {
  Lstm r{.i = sigmoid_of(sums[0]), .f = sigmoid_of(sums[1]), .g = std::tanh(sums[2]), .o = sigmoid_of(sums[3])};
  r.next = r.f * cell + r.i * r.g;
  r.hidden = r.o * std::tanh(r.next);
  return r;
}

TEST(Recurrent, AStepOfLstm) {
  for (bool biased : {false, true})
    for (double scale : {2.0, 1000.0}) {
      int count = biased ? 16 : 8;
      std::vector<Doubles> inputs;
      for (int k = 0; k <= count; ++k) inputs.push_back(slice(k, scale));
      auto got = run_cell(lstm_cell_program(kDouble, biased), inputs);
      for (int e = 0; e < kSize; ++e) {
        std::array<double, 4> sums{};
        for (int k = 0; k < count; ++k) sums[k % 4] += inputs[k][e];
        Lstm r = lstm(sums, inputs[count][e]);
        int at = 0;
        for (double wanted : {r.hidden, r.next, r.i, r.f, r.g, r.o})
          EXPECT_NEAR(got[at++][e], wanted, 1e-12 * scale)
              << "output " << at << " element " << e << " biased " << biased;
      }
    }
}

TEST(Recurrent, GradientsOfLstmAreSlopes) {
  const double step = 1e-6, from_hidden = 0.75, from_next = -1.25;
  std::vector<Doubles> sums{slice(0), slice(1), slice(2), slice(3)}, saved(6, Doubles(kSize));
  Doubles cell = slice(4);
  for (int e = 0; e < kSize; ++e) {
    Lstm r = lstm({sums[0][e], sums[1][e], sums[2][e], sums[3][e]}, cell[e]);
    int at = 0;
    for (double value : {r.i, r.f, r.g, r.o, cell[e], r.next}) saved[at++][e] = value;
  }
  for (auto given : {std::pair{true, true}, {true, false}, {false, true}}) {
    // Clang before 16 takes no structured binding into a lambda.
    bool hidden = given.first, next = given.second;
    std::vector<Doubles> inputs = saved;
    if (hidden) inputs.emplace_back(kSize, from_hidden);
    if (next) inputs.emplace_back(kSize, from_next);
    auto got = run_cell(lstm_cell_grad_program(kDouble, hidden, next), inputs);
    ASSERT_EQ(got.size(), 5u);
    for (int e = 0; e < kSize; ++e)
      for (int k = 0; k < 5; ++k) {
        auto loss = [&](double by) {
          std::array<double, 4> moved{sums[0][e], sums[1][e], sums[2][e], sums[3][e]};
          if (k < 4) moved[k] += by;
          Lstm r = lstm(moved, cell[e] + (k == 4 ? by : 0));
          return (hidden ? from_hidden * r.hidden : 0) + (next ? from_next * r.next : 0);
        };
        EXPECT_NEAR(got[k][e], (loss(step) - loss(-step)) / (2 * step), 1e-8) << "output " << k << " element " << e;
      }
  }
}

struct Gru {
  double next, r, z, n;
};
Gru gru(const std::array<double, 6>& s, double state) {
  Gru g{.r = sigmoid_of(s[0] + s[3]), .z = sigmoid_of(s[1] + s[4])};
  g.n = std::tanh(s[2] + g.r * s[5]);
  g.next = (1 - g.z) * g.n + g.z * state;
  return g;
}

TEST(Recurrent, AStepOfGru) {
  for (bool biased : {false, true}) {
    int count = biased ? 12 : 6;
    std::vector<Doubles> inputs;
    for (int k = 0; k <= count; ++k) inputs.push_back(slice(k));
    auto got = run_cell(gru_cell_program(kDouble, biased), inputs);
    for (int e = 0; e < kSize; ++e) {
      std::array<double, 6> sums{};
      for (int k = 0; k < count; ++k) sums[k % 6] += inputs[k][e];
      Gru g = gru(sums, inputs[count][e]);
      int at = 0;
      for (double wanted : {g.next, g.r, g.z, g.n, inputs[count][e], sums[5]})
        EXPECT_NEAR(got[at++][e], wanted, 1e-12) << "output " << at << " element " << e << " biased " << biased;
    }
  }
}

TEST(Recurrent, ViewsOfAStepWithBiases) {
  auto fits = [](ProgramRef program, int views) { return views_fit(*program, {.max_views = views}); };
  EXPECT_TRUE(fits(lstm_cell_program(DType::kF32, true), 23));
  EXPECT_FALSE(fits(lstm_cell_program(DType::kF32, true), 22));
  EXPECT_TRUE(fits(gru_cell_program(DType::kF32, true), 19));
  EXPECT_FALSE(fits(gru_cell_program(DType::kF32, true), 18));
}

TEST(Recurrent, GradientsOfGruAreSlopes) {
  const double step = 1e-6, grad = 0.75;
  std::vector<Doubles> sums, saved(5, Doubles(kSize));
  for (int k = 0; k < 6; ++k) sums.push_back(slice(k));
  Doubles state = slice(6);
  auto sums_at = [&](int e) {
    std::array<double, 6> s{};
    for (int k = 0; k < 6; ++k) s[k] = sums[k][e];
    return s;
  };
  for (int e = 0; e < kSize; ++e) {
    Gru g = gru(sums_at(e), state[e]);
    int at = 0;
    for (double value : {g.r, g.z, g.n, state[e], sums[5][e]}) saved[at++][e] = value;
  }
  std::vector<Doubles> inputs{Doubles(kSize, grad)};
  inputs.insert(inputs.end(), saved.begin(), saved.end());
  auto got = run_cell(gru_cell_grad_program(kDouble), inputs);
  ASSERT_EQ(got.size(), 7u);
  for (int e = 0; e < kSize; ++e)
    for (int k = 0; k < 7; ++k) {
      auto loss = [&](double by) {
        auto moved = sums_at(e);
        if (k < 6) moved[k] += by;
        return grad * gru(moved, state[e] + (k == 6 ? by : 0)).next;
      };
      EXPECT_NEAR(got[k][e], (loss(step) - loss(-step)) / (2 * step), 1e-8) << "output " << k << " element " << e;
    }
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
