// Random numbers by rejection (gamma, Dirichlet, Poisson, binomial), and the derivatives of gamma's and Dirichlet's by
// their parameters.
#include <ATen/ExpandUtils.h>

#include "csrc/core/check.h"
#include "csrc/core/generator.h"
#include <lineshaft/frontend/formulas/distributions.h>
#include <lineshaft/frontend/formulas/random.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
using Generator = std::optional<at::Generator>;

// What the engine draws in.
c10::ScalarType drawn_type(const Tensor& tensor) {
  return tensor.scalar_type() == c10::kDouble ? c10::kDouble : c10::kFloat;
}

// Parameters are of the drawn type and have one shape.
Tensor draw(SampleKind kind, const Tensor& parameter, const Tensor& probability, const Generator& generator) {
  Tensor out = empty(parameter.sizes(), parameter.scalar_type(), parameter.device().index());
  if (out.numel() == 0) return out;
  Draw draw = reserve(generator, out.device().index(), sample_counters(out.numel()));
  Sample op{.kind = kind, .seed = draw.seed, .offset = draw.offset, .parameter = view_of(parameter)};
  op.probability = view_of(probability);
  op.output = view_of(out);
  stream_of(out).record(op);
  return out;
}

double smallest(c10::ScalarType type) {
  return smallest_normal(dtype_of(type));
}

Tensor draw_gamma(const Tensor& alpha, const Generator& generator) {
  Tensor parameter = alpha.to(drawn_type(alpha));
  return draw(SampleKind::kGamma, parameter, {}, generator).clamp_min_(smallest(parameter.scalar_type()));
}

Tensor standard_gamma(const Tensor& alpha, Generator generator) {
  require_floats("gamma_cpu", alpha);
  return draw_gamma(alpha, generator).to(alpha.scalar_type());
}

Tensor sample_dirichlet(const Tensor& alpha, Generator generator) {
  require_floats("dirichlet", alpha);
  Tensor gamma = draw_gamma(alpha, generator);
  bool wide = gamma.scalar_type() == c10::kDouble;
  double largest = wide ? std::nexttoward(1.0, 0.0L) : std::nexttoward(1.0f, 0.0L);
  return gamma.div_(gamma.sum({-1}, true)).clamp_(smallest(gamma.scalar_type()), largest).to(alpha.scalar_type());
}

Tensor poisson(const Tensor& rate, Generator generator) {
  require_floats("poisson_cpu", rate);
  require_elements<formulas::is_not_negative>(rate, Requirement::kRate);
  return draw(SampleKind::kPoisson, rate.to(drawn_type(rate)), {}, generator).to(rate.scalar_type());
}

Tensor binomial(const Tensor& count, const Tensor& probability, Generator generator) {
  TORCH_CHECK_VALUE(
      c10::isFloatingType(count.scalar_type()),
      "binomial only supports floating-point dtypes for count, got: ", c10::toString(count.scalar_type()));
  TORCH_CHECK_VALUE(
      c10::isFloatingType(probability.scalar_type()),
      "binomial only supports floating-point dtypes for prob, got: ", c10::toString(probability.scalar_type()));
  TORCH_CHECK(count.scalar_type() == probability.scalar_type(), "Found dtype ", probability.scalar_type(),
              " but expected ", count.scalar_type());
  require_device(probability, count.device(), "prob");
  auto type = drawn_type(count);
  auto sizes = at::infer_size(count.sizes(), probability.sizes());
  Tensor trials = count.to(type).expand(sizes), chance = probability.to(type).expand(sizes);
  return draw(SampleKind::kBinomial, trials, chance, generator).to(count.scalar_type());
}

// --- derivatives
// ----------------------------------------------------------------------------------------------------------

Tensor standard_gamma_grad(const Tensor& alpha, const Tensor& sample) {
  require_floats("_standard_gamma_grad_cpu", alpha);
  auto type = drawn_type(alpha);
  Tensor a = alpha.to(type), x = sample.to(type);
  Tensor out = empty(at::infer_size(a.sizes(), x.sizes()), type, a.device().index());
  pointwise<formulas::standard_gamma_grad>(out, a, x);
  return out.to(alpha.scalar_type());
}

Tensor dirichlet_grad(const Tensor& sample, const Tensor& alpha, const Tensor& total) {
  require_floats("_dirichlet_grad_cpu", sample);
  auto type = drawn_type(sample);
  Tensor x = sample.to(type), a = alpha.to(type), sum = total.to(type);
  auto sizes = at::infer_size(at::infer_size(x.sizes(), a.sizes()), sum.sizes());
  Tensor out = empty(sizes, type, x.device().index());
  pointwise<formulas::dirichlet_grad>(out, x, a, sum);
  return out.to(sample.scalar_type());
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&standard_gamma>(m, "_standard_gamma");
  implement<&sample_dirichlet>(m, "_sample_dirichlet");
  implement<&lineshaft::torch::poisson>(m, "poisson");
  implement<&lineshaft::torch::binomial>(m, "binomial");
  implement<&standard_gamma_grad>(m, "_standard_gamma_grad");
  implement<&dirichlet_grad>(m, "_dirichlet_grad");
}

}  // namespace lineshaft::torch
