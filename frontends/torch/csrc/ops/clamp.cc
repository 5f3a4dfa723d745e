// clamp, clamp_min, clamp_max: a NaN stays, and where the bounds cross the upper one wins.
#include "csrc/ops/clamp.h"

#include <ATen/Dispatch.h>
#include <ATen/native/TypeProperties.h>

#include "csrc/core/family.h"
#include "csrc/core/torch_version.h"
#include <lineshaft/frontend/formulas/comparison.h>

namespace lineshaft::torch {

at::Scalar bound_for(const at::Tensor& self, const at::Scalar& bound, Side side) {
  if (!LINESHAFT_TORCH_FROM(15) || !c10::isIntegralType(self.scalar_type(), false) || !bound.isIntegral(false))
    return bound;
  int64_t lowest = 0, highest = 0;
  AT_DISPATCH_INTEGRAL_TYPES(self.scalar_type(), "clamp", [&] {
    lowest = std::numeric_limits<scalar_t>::min();
    highest = std::numeric_limits<scalar_t>::max();
  });
  auto value = bound.to<int64_t>();
  TORCH_CHECK(side == Side::kLow ? value <= highest : value >= lowest, "Clamp ", side == Side::kLow ? "min" : "max",
              " value ", static_cast<double>(value), " is outside the representable range of ",
              c10::toString(self.scalar_type()));
  return std::clamp(value, lowest, highest);
}

namespace {

void refuse_bool_bound(const Operand& a, const Operand& b) {
  bool bits = a.typed() && a.typed()->scalar_type() == c10::kBool && !b.typed() && b.number().isBoolean();
  TORCH_CHECK_NOT_IMPLEMENTED(!bits, "a bound that is a number is not implemented for 'Bool'; give it as a tensor");
}

struct AtLeast {
  static constexpr Elementwise info{.name = "clamp_min",
                                    .promotion = Promotion::kCommon,
                                    .binary = &frontend::formulas::clamp_min,
                                    .checks_numbers = true,
                                    .check_operands = &refuse_bool_bound,
                                    .number_out = Stored::kExactly};
};
struct AtMost {
  static constexpr Elementwise info{.name = "clamp_max",
                                    .promotion = Promotion::kCommon,
                                    .binary = &frontend::formulas::clamp_max,
                                    .checks_numbers = true,
                                    .check_operands = &refuse_bool_bound,
                                    .number_out = Stored::kExactly};
};
using Min = Variants<AtLeast>;
using Max = Variants<AtMost>;

using Number = std::optional<at::Scalar>;

// Both bounds take part in the promotion, so that neither step computes in less than the common dtype.
at::Tensor as(const at::Tensor& bound, c10::ScalarType common) {
  return bound.to(common);
}
const at::Scalar& as(const at::Scalar& bound, c10::ScalarType) {
  return bound;
}

template <class Bound>
at::Tensor between(const at::Tensor& self, const Bound* low, const Bound* high, const at::Tensor* out, bool resize) {
  TORCH_CHECK(low || high, "torch.clamp: At least one of 'min' or 'max' must not be None");
  if (!high) return run_binary(AtLeast::info, Min::cache(), self, *low, out, resize);
  if (!low) return run_binary(AtMost::info, Max::cache(), self, *high, out, resize);
  at::native::ResultTypeState state;
  state = at::native::update_result_type_state(self, state);
  state = at::native::update_result_type_state(*low, state);
  state = at::native::update_result_type_state(*high, state);
  c10::ScalarType common = at::native::result_type(state);
  at::Tensor raised = run_binary(AtLeast::info, Min::cache(), self.to(common), as(*low, common), nullptr, true);
  return run_binary(AtMost::info, Max::cache(), raised, as(*high, common), out, resize);
}

template <class Bound>
const Bound* pointer(const std::optional<Bound>& bound) {
  if constexpr (std::is_same_v<Bound, at::Tensor>)
    return present(bound) ? &*bound : nullptr;
  else
    return bound.has_value() ? &*bound : nullptr;
}

template <class Bound>
at::Tensor into(const at::Tensor& self, std::optional<Bound> low, std::optional<Bound> high, const at::Tensor* out,
                bool resize) {
  if constexpr (std::is_same_v<Bound, at::Scalar>) {
    if (low) low = bound_for(self, *low, Side::kLow);
    if (high) high = bound_for(self, *high, Side::kHigh);
  }
  return between(self, pointer(low), pointer(high), out, resize);
}

template <class Bound>
at::Tensor clamp(const at::Tensor& self, const std::optional<Bound>& low, const std::optional<Bound>& high) {
  return into(self, low, high, nullptr, true);
}
template <class Bound>
at::Tensor& clamp_out(const at::Tensor& self, const std::optional<Bound>& low, const std::optional<Bound>& high,
                      at::Tensor& out) {
  into(self, low, high, &out, true);
  return out;
}
template <class Bound>
at::Tensor& clamp_in_place(at::Tensor& self, const std::optional<Bound>& low, const std::optional<Bound>& high) {
  into(self, low, high, &self, false);
  return self;
}

// One bound, a number.
template <Side side>
at::Tensor clamp_one(const at::Tensor& self, const at::Scalar& bound) {
  return side == Side::kLow ? clamp<at::Scalar>(self, bound, {}) : clamp<at::Scalar>(self, {}, bound);
}
template <Side side>
at::Tensor& clamp_one_out(const at::Tensor& self, const at::Scalar& bound, at::Tensor& out) {
  return side == Side::kLow ? clamp_out<at::Scalar>(self, bound, {}, out) : clamp_out<at::Scalar>(self, {}, bound, out);
}
template <Side side>
at::Tensor& clamp_one_in_place(at::Tensor& self, const at::Scalar& bound) {
  return side == Side::kLow ? clamp_in_place<at::Scalar>(self, bound, {}) : clamp_in_place<at::Scalar>(self, {}, bound);
}

template <class Row, Side side>
void implement_bound(::torch::Library& m) {
  const char* name = Row::info.name;
  implement<&clamp_one<side>>(m, name);
  implement<&clamp_one_out<side>>(m, join(name, ".out").c_str());
  implement<&clamp_one_in_place<side>>(m, join(name, "_").c_str());
  implement_binary<Row>(m, {".Tensor", ".Tensor_out", "_.Tensor"});
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&clamp<at::Scalar>>(m, "clamp");
  implement<&clamp_out<at::Scalar>>(m, "clamp.out");
  implement<&clamp_in_place<at::Scalar>>(m, "clamp_");
  implement<&clamp<at::Tensor>>(m, "clamp.Tensor");
  implement<&clamp_out<at::Tensor>>(m, "clamp.Tensor_out");
  implement<&clamp_in_place<at::Tensor>>(m, "clamp_.Tensor");
  implement_bound<AtLeast, Side::kLow>(m);
  implement_bound<AtMost, Side::kHigh>(m);
}

}  // namespace lineshaft::torch
