// Random numbers: fills, tensors of parameters, integers, multinomial draws. The programs are in
// frontend/formulas/random.h.
#include <ATen/ExpandUtils.h>

#include <limits>

#include "csrc/core/check.h"
#include "csrc/core/generator.h"
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/formulas/random.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
using Generator = std::optional<at::Generator>;
using formulas::Distribution;

Tensor& fill_random(Distribution distribution, Tensor& self, double a, double b, const Generator& generator) {
  if (self.numel() == 0) return self;
  Draw draw = reserve(generator, self.device().index(), self.numel());
  record_map(formulas::random_program(distribution, dtype_of(self.scalar_type())), {&self}, {},
             formulas::random_arguments(draw, a, b));
  return self;
}

// What the dtype holds; of bf16, what f32 holds.
std::pair<double, double> limits_of(c10::ScalarType given) {
  DType type = dtype_of(given);
  if (type == DType::kBF16) type = DType::kF32;
  if (is_float(type)) return {-largest_number(type), largest_number(type)};
  auto high = static_cast<double>(largest_exact_integer(type));
  return {type == DType::kU8 || type == DType::kBool ? 0 : -high - 1, high};
}

void require_limits(const char* what, double value, c10::ScalarType type) {
  auto [low, high] = limits_of(type);
  TORCH_CHECK(value >= low && value <= high, what, " is out of bounds for ", c10::toString(type), ": ", value,
              " is not between ", low, " and ", high);
}

void require_float_result(const char* name, const Tensor& self) {
  TORCH_CHECK(c10::isFloatingType(self.scalar_type()), name, " expects a floating point tensor, got ",
              c10::toString(self.scalar_type()));
}

Tensor& uniform_(Tensor& self, double from, double to, Generator generator) {
  require_float_result("uniform_", self);
  require_limits("from", from, self.scalar_type());
  require_limits("to", to, self.scalar_type());
  TORCH_CHECK(from <= to, "uniform_ expects to return a [from, to) range, but found from=", from, " > to=", to);
  return fill_random(Distribution::kUniform, self, from, to, generator);
}

Tensor& normal_(Tensor& self, double mean, double std, Generator generator) {
  TORCH_CHECK(std >= 0.0, "normal expects std >= 0.0, but found std ", std);
  require_float_result("normal_", self);
  return fill_random(Distribution::kNormal, self, mean, std, generator);
}

Tensor& log_normal_(Tensor& self, double mean, double std, Generator generator) {
  TORCH_CHECK(std > 0.0, "log_normal_ expects std > 0.0, but found std=", std);
  require_float_result("log_normal_", self);
  return fill_random(Distribution::kLogNormal, self, mean, std, generator);
}

Tensor& exponential_(Tensor& self, double lambda, Generator generator) {
  TORCH_CHECK(lambda > 0.0, "exponential_ expects lambda > 0.0, but found lambda=", lambda);
  require_float_result("exponential_", self);
  return fill_random(Distribution::kExponential, self, lambda, 0, generator);
}

Tensor& cauchy_(Tensor& self, double median, double sigma, Generator generator) {
  TORCH_CHECK(sigma > 0.0, "cauchy_ expects sigma > 0.0, but found sigma=", sigma);
  require_float_result("cauchy_", self);
  return fill_random(Distribution::kCauchy, self, median, sigma, generator);
}

Tensor& geometric_(Tensor& self, double p, Generator generator) {
  TORCH_CHECK(p > 0 && p < 1, "geometric_ expects p to be in (0, 1), but got p=", p);
  return fill_random(Distribution::kGeometric, self, p, 0, generator);
}

Tensor& bernoulli_scalar_(Tensor& self, double p, Generator generator) {
  TORCH_CHECK(p >= 0 && p <= 1, "bernoulli_ expects p to be in [0, 1], but got p=", p);
  return fill_random(Distribution::kBernoulli, self, p, 0, generator);
}

// --- with tensors for parameters
// -----------------------------------------------------------------------------------------------

void record_bernoulli(const Tensor& out, const Tensor& probability, const Generator& generator) {
  if (out.numel() == 0) return;
  require_float_result("bernoulli", probability);
  require_elements<formulas::is_probability>(probability, Requirement::kProbability);
  Draw draw = reserve(generator, out.device().index(), out.numel());
  record_map(formulas::bernoulli_program(dtype_of(probability.scalar_type()), dtype_of(out.scalar_type())), {&out},
             {&probability}, formulas::draw_arguments(draw));
}

Tensor& bernoulli_tensor_(Tensor& self, const Tensor& probability, Generator generator) {
  at::infer_size(self.sizes(), probability.sizes());
  record_bernoulli(self, probability.device() == self.device() ? probability : probability.to(self.device()),
                   generator);
  return self;
}

Tensor& bernoulli_out(const Tensor& self, Generator generator, Tensor& out) {
  resize_out(out, self.sizes(), out.scalar_type());
  record_bernoulli(out, self, generator);
  return out;
}

Tensor bernoulli(const Tensor& self, Generator generator) {
  Tensor out = torch::empty_like(self);
  return bernoulli_out(self, generator, out);
}

Tensor normal_tensors(const Tensor& mean, const Tensor& std, Generator generator) {
  require_elements<formulas::is_not_negative>(std, Requirement::kDeviation);
  Tensor out = empty(at::infer_size(mean.sizes(), std.sizes()), mean.scalar_type(), mean.device().index());
  return normal_(out, 0, 1, generator).mul_(std).add_(mean);
}

Tensor normal_tensor_float(const Tensor& mean, double std, Generator generator) {
  Tensor out = empty(mean.sizes(), mean.scalar_type(), mean.device().index());
  return normal_(out, 0, std, generator).add_(mean);
}

Tensor normal_float_tensor(double mean, const Tensor& std, Generator generator) {
  require_elements<formulas::is_not_negative>(std, Requirement::kDeviation);
  Tensor out = empty(std.sizes(), std.scalar_type(), std.device().index());
  return normal_(out, 0, 1, generator).mul_(std).add_(mean);
}

// --- integers
// --------------------------------------------------------------------------------------------------------------------

Tensor& fill_integers(Tensor& self, int64_t from, uint64_t range, const Generator& generator) {
  if (self.numel() == 0) return self;
  Draw draw = reserve(generator, self.device().index(), self.numel());
  record_map(formulas::random_integers_program(dtype_of(self.scalar_type()), range), {&self}, {},
             formulas::random_integers_arguments(draw, from, range));
  return self;
}

// One past the largest integer that random_() gives: what the dtype holds exactly; i64 holds that number too.
int64_t integer_range(c10::ScalarType type) {
  int64_t largest = largest_exact_integer(dtype_of(type));
  return largest == INT64_MAX ? largest : largest + 1;
}

Tensor& random_from_(Tensor& self, int64_t from, std::optional<int64_t> to, Generator generator) {
  int64_t end = to.value_or(integer_range(self.scalar_type()));
  TORCH_CHECK(from < end, "random_ expects 'from' to be less than 'to', but got from=", from, " >= to=", end);
  require_limits("from", static_cast<double>(from), self.scalar_type());
  require_limits("to - 1", static_cast<double>(end - 1), self.scalar_type());
  uint64_t range = static_cast<uint64_t>(end) - static_cast<uint64_t>(from);
  if (!to && self.scalar_type() == c10::kLong) ++range;
  return fill_integers(self, from, range, generator);
}

Tensor& random_to_(Tensor& self, int64_t to, Generator generator) {
  return random_from_(self, 0, to, generator);
}

Tensor& random_(Tensor& self, Generator generator) {
  return random_from_(self, 0, std::nullopt, generator);
}

// --- multinomial
// -------------------------------------------------------------------------------------------------------------------

// With replacement: the place of a uniform in the running sum. Without: the largest of p / e with e exponential
// (Efraimidis and Spirakis, 2006).
Tensor draw_multinomial(const Tensor& given, int64_t count, bool replacement, Generator generator) {
  TORCH_CHECK(given.dim() == 1 || given.dim() == 2, "prob_dist must be 1 or 2 dim");
  TORCH_CHECK(c10::isFloatingType(given.scalar_type()),
              "multinomial only supports floating-point dtypes for input, got: ", c10::toString(given.scalar_type()));
  // Sums of f16 and bf16 have too few bits for many classes.
  Tensor self = given.scalar_type() == c10::kDouble ? given : given.to(c10::kFloat);
  TORCH_CHECK(self.size(-1) <= 1 << 24, "number of categories cannot exceed 2^24; got ", self.size(-1));
  TORCH_CHECK(count > 0, "cannot sample n_sample <= 0 samples");
  TORCH_CHECK(replacement || count <= self.size(-1),
              "cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  require_elements<formulas::is_weight>(self, Requirement::kWeights, std::numeric_limits<double>::infinity());
  require_all(self.amax({-1}).gt(0), Requirement::kWeightSum);
  if (!replacement || count == 1) {
    Tensor key = torch::empty_like(self);
    exponential_(key, 1, generator);
    return std::get<1>(self.div(key).topk(count, -1));
  }
  auto sizes = self.sizes().vec();
  sizes.back() = count;
  Tensor draw = empty(sizes, self.scalar_type(), self.device().index());
  uniform_(draw, 0, 1, generator);
  Tensor running = self.cumsum(-1);
  Tensor total = running.narrow(-1, self.size(-1) - 1, 1);
  Tensor place = running.unsqueeze(-2).le(draw.mul(total).unsqueeze(-1)).sum({-1});
  return place.clamp_max(self.size(-1) - 1);
}

Tensor& multinomial_out(const Tensor& self, int64_t count, bool replacement, Generator generator, Tensor& out) {
  TORCH_CHECK(out.scalar_type() == c10::kLong,
              "multinomial expects Long tensor out, got: ", c10::toString(out.scalar_type()));
  return store_out(draw_multinomial(self, count, replacement, generator), out);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&uniform_>(m, "uniform_");
  implement<&normal_>(m, "normal_");
  implement<&log_normal_>(m, "log_normal_");
  implement<&exponential_>(m, "exponential_");
  implement<&cauchy_>(m, "cauchy_");
  implement<&geometric_>(m, "geometric_");
  implement<&bernoulli_scalar_>(m, "bernoulli_.float");
  implement<&bernoulli_tensor_>(m, "bernoulli_.Tensor");
  implement<&bernoulli>(m, "bernoulli");
  implement<&bernoulli_out>(m, "bernoulli.out");
  implement<&normal_tensors>(m, "normal.Tensor_Tensor");
  implement<&normal_tensor_float>(m, "normal.Tensor_float");
  implement<&normal_float_tensor>(m, "normal.float_Tensor");
  implement<&random_from_>(m, "random_.from");
  implement<&random_to_>(m, "random_.to");
  implement<&random_>(m, "random_");
  implement<&draw_multinomial>(m, "multinomial");
  implement<&multinomial_out>(m, "multinomial.out");
}

}  // namespace lineshaft::torch
