// Dropout and randomized ReLU: a map that draws from Philox, whose counters are reserved when recorded.
#include "csrc/core/generator.h"
#include "csrc/core/pointwise.h"

namespace lineshaft::torch {
namespace {

std::tuple<at::Tensor, at::Tensor> native_dropout(const at::Tensor& input, double p, std::optional<bool> train) {
  TORCH_CHECK(p >= 0 && p <= 1, "dropout probability has to be between 0 and 1, but got ", p);
  TORCH_CHECK(c10::isFloatingType(input.scalar_type()), "result type Float can't be cast to the desired output type ",
              c10::toString(input.scalar_type()));
  static ProgramCache cache;
  at::Tensor out = torch::empty_like(input), mask = torch::empty_like(input, at::kBool);
  if (!train.value_or(true)) {
    mask.fill_(true);
    return {out.copy_(input), mask};
  }
  DType type = dtype_of(input.scalar_type());
  ProgramRef program = cache.get(key_of(type), [&](ProgramBuilder& b) {
    Expr x = b.input(type), seed = b.arg(DType::kI64), offset = b.arg(DType::kI64);
    Expr probability = b.arg(DType::kF32), scale = b.arg(x.type);
    Expr keep = uniform_from_bits(philox(seed, offset + b.linear(), 0)) >= probability;
    b.output(select(keep, x * scale, 0.0), type);
    b.output(keep, DType::kBool);
  });
  Draw draw = reserve(std::nullopt, input.device().index(), input.numel());
  lineshaft::Scalar args[] = {lineshaft::Scalar::of(draw.seed), lineshaft::Scalar::of(draw.offset),
                              lineshaft::Scalar::of(p), lineshaft::Scalar::of(p == 1 ? 0.0 : 1 / (1 - p))};
  record_map(program, {&out, &mask}, {&input}, args);
  return {out, mask};
}

constexpr auto dropout_grad = [](Expr g, Expr kept, Expr scale) { return g * kept * scale; };
at::Tensor native_dropout_backward(const at::Tensor& grad, const at::Tensor& mask, double scale) {
  bool plain = mask.scalar_type() == at::kBool && mask.sizes() == grad.sizes();
  if (!plain || !c10::isFloatingType(grad.scalar_type())) return at::mul(at::mul(grad, mask), scale);
  at::Tensor out = torch::empty_like(grad);
  pointwise<dropout_grad>(out, grad, mask, c10::Scalar(scale));
  return out;
}

constexpr auto leaky = [](Expr x, Expr slope) { return select(x > 0.0, x, x * slope); };

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
    pointwise<leaky>(out, self, c10::Scalar((lower.toDouble() + upper.toDouble()) / 2));
    return out;
  }
  static ProgramCache cache;
  DType type = dtype_of(self.scalar_type()), noise_type = dtype_of(noise.scalar_type());
  ProgramRef program = cache.get(key_of(type, noise_type), [&](ProgramBuilder& p) {
    Expr x = p.input(type), seed = p.arg(DType::kI64), offset = p.arg(DType::kI64), low = p.arg(x.type),
         high = p.arg(x.type);
    Expr drawn = low + cast(uniform_from_bits(philox(seed, offset + p.linear(), 0)), x.type) * (high - low);
    Expr slope = select(x <= 0.0, drawn, 1.0);
    p.output(x * slope, type);
    p.output(cast(slope, compute_type(noise_type)), noise_type);
  });
  Draw draw = reserve(generator, self.device().index(), self.numel());
  lineshaft::Scalar args[] = {lineshaft::Scalar::of(draw.seed), lineshaft::Scalar::of(draw.offset),
                              argument(lower, DType::kF64), argument(upper, DType::kF64)};
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
