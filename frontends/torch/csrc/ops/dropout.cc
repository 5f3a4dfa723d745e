// Dropout and randomized ReLU: a map that draws from Philox, whose counters are reserved when recorded.
#include "csrc/core/generator.h"
#include "csrc/core/pointwise.h"
#include <lineshaft/frontend/formulas/activation.h>
#include <lineshaft/frontend/formulas/random.h>

namespace lineshaft::torch {
namespace {

std::tuple<at::Tensor, at::Tensor> native_dropout(const at::Tensor& input, double p, std::optional<bool> train) {
  TORCH_CHECK(p >= 0 && p <= 1, "dropout probability has to be between 0 and 1, but got ", p);
  TORCH_CHECK(c10::isFloatingType(input.scalar_type()), "result type Float can't be cast to the desired output type ",
              c10::toString(input.scalar_type()));
  at::Tensor out = torch::empty_like(input), mask = torch::empty_like(input, at::kBool);
  if (!train.value_or(true)) {
    mask.fill_(true);
    return {out.copy_(input), mask};
  }
  Draw draw = reserve(std::nullopt, input.device().index(), input.numel());
  record_map(formulas::dropout_program(dtype_of(input.scalar_type())), {&out, &mask}, {&input},
             formulas::dropout_arguments(draw, p));
  return {out, mask};
}

at::Tensor native_dropout_backward(const at::Tensor& grad, const at::Tensor& mask, double scale) {
  bool plain = mask.scalar_type() == at::kBool && mask.sizes() == grad.sizes();
  if (!plain || !c10::isFloatingType(grad.scalar_type())) return at::mul(at::mul(grad, mask), scale);
  at::Tensor out = torch::empty_like(grad);
  pointwise<formulas::dropout_grad>(out, grad, mask, c10::Scalar(scale));
  return out;
}

// In training a negative element is multiplied by a slope drawn from [lower, upper), which `noise` keeps.
at::Tensor& rrelu_out(const at::Tensor& self, at::Tensor& noise, const at::Scalar& lower, const at::Scalar& upper,
                      bool training, std::optional<at::Generator> generator, at::Tensor& out) {
  TORCH_CHECK(self.sizes() == noise.sizes(),
              "noise tensor shape must match self tensor shape. Got self.shape = ", self.sizes(),
              " noise.shape = ", noise.sizes());
  TORCH_CHECK(lower.toDouble() <= upper.toDouble(), "Lower bound should be less than or equal to the upper bound");
  require_floats("rrelu", self);
  resize_out(out, self.sizes(), self.scalar_type());
  if (!training) {
    pointwise<formulas::leaky_relu>(out, self, c10::Scalar((lower.toDouble() + upper.toDouble()) / 2));
    return out;
  }
  Draw draw = reserve(generator, self.device().index(), self.numel());
  auto args = formulas::rrelu_arguments(draw, lower.toDouble(), upper.toDouble());
  ProgramRef program = formulas::rrelu_program(dtype_of(self.scalar_type()), dtype_of(noise.scalar_type()));
  record_map(program, {&out, &noise}, {&self}, args);
  return out;
}
at::Tensor rrelu(const at::Tensor& self, at::Tensor& noise, const at::Scalar& lower, const at::Scalar& upper,
                 bool training, std::optional<at::Generator> generator) {
  at::Tensor out = torch::empty_like(self);
  return rrelu_out(self, noise, lower, upper, training, std::move(generator), out);
}
at::Tensor& rrelu_in_place(at::Tensor& self, at::Tensor& noise, const at::Scalar& lower, const at::Scalar& upper,
                           bool training, std::optional<at::Generator> generator) {
  return rrelu_out(self, noise, lower, upper, training, std::move(generator), self);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&native_dropout>(m, "native_dropout");
  implement<&native_dropout_backward>(m, "native_dropout_backward");
  implement<&rrelu, Dtypes::kAlike>(m, "rrelu_with_noise");
  implement<&rrelu_in_place, Dtypes::kAlike>(m, "rrelu_with_noise_");
  implement<&rrelu_out, Dtypes::kAlike>(m, "rrelu_with_noise.out");
}

}  // namespace
}  // namespace lineshaft::torch
