// The foreach operators that optimizers use: one command for a whole list of tensors.
#include <ATen/ops/addcdiv.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/pow.h>

#include "csrc/core/kernel.h"
#include "csrc/core/torch_version.h"
#include "csrc/ops/each.h"
#include <lineshaft/frontend/formulas/arithmetic.h>
#include <lineshaft/frontend/formulas/comparison.h>
#include <lineshaft/frontend/formulas/lists.h>
#include <lineshaft/frontend/formulas/number.h>
#include <lineshaft/frontend/formulas/power.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
using at::TensorList;
namespace formulas = frontend::formulas;
using TensorVector = std::vector<Tensor>;

// --- the formulas, for one element and, where lists are not uniform, for one tensor
// -----------------------------------------------

struct ForeachSqrt {
  static Expr element(Expr x) { return sqrt(x); }
  static Tensor whole(const Tensor& x) { return x.sqrt(); }
};
struct ForeachNeg {
  static Expr element(Expr x) { return -x; }
  static Tensor whole(const Tensor& x) { return x.neg(); }
};
struct ForeachAbs {
  static Expr element(Expr x) { return abs(x); }
  static Tensor whole(const Tensor& x) { return x.abs(); }
};
struct ForeachReciprocal {
  static Expr element(Expr x) { return formulas::reciprocal(x); }
  static Tensor whole(const Tensor& x) { return x.reciprocal(); }
};
struct ForeachRsqrt {
  static Expr element(Expr x) { return rsqrt(x); }
  static Tensor whole(const Tensor& x) { return x.rsqrt(); }
};
struct ForeachSign {
  static Expr element(Expr x) { return formulas::sign_value(x); }
  static Tensor whole(const Tensor& x) { return x.sign(); }
};
struct ForeachExp {
  static Expr element(Expr x) { return exp(x); }
  static Tensor whole(const Tensor& x) { return x.exp(); }
};
struct ForeachAdd {
  static Tensor scaled(const Tensor& x, const Tensor& y, const c10::Scalar& alpha) { return x.add(y, alpha); }
  static Expr element(Expr x, Expr y) { return x + y; }
  static Tensor whole(const Tensor& x, const auto& y) { return x.add(y); }
};
struct ForeachSub {
  static Tensor scaled(const Tensor& x, const Tensor& y, const c10::Scalar& alpha) { return x.sub(y, alpha); }
  static Expr element(Expr x, Expr y) { return x - y; }
  static void check(const c10::Scalar& y) {
    LINESHAFT_CHECK_NOT_BOOL(
        !y.isBoolean(),
        "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a "
        "mask, use the `~` or `logical_not()` operator instead.");
  }
  static Tensor whole(const Tensor& x, const auto& y) { return x.sub(y); }
};
struct ForeachMul {
  static Expr element(Expr x, Expr y) { return x * y; }
  static Tensor whole(const Tensor& x, const auto& y) { return x.mul(y); }
};
struct ForeachDiv {
  static Expr element(Expr x, Expr y) { return x / y; }
  static Tensor whole(const Tensor& x, const auto& y) { return x.div(y); }
};
struct ForeachPow {
  static Expr element(Expr x, Expr y) { return pow(x, y); }
  static Tensor whole(const Tensor& x, const auto& y) { return x.pow(y); }
};
struct ForeachMaximum {
  static Expr element(Expr x, Expr y) { return formulas::maximum(x, y); }
  static Tensor whole(const Tensor& x, const auto& y) { return x.clamp_min(y); }
};
struct ForeachMinimum {
  static Expr element(Expr x, Expr y) { return formulas::minimum(x, y); }
  static Tensor whole(const Tensor& x, const auto& y) { return x.clamp_max(y); }
};
struct ForeachAddcmul {
  static Expr element(Expr x, Expr y, Expr z, Expr s) { return formulas::addcmul(x, y, z, s); }
  static Tensor whole(const Tensor& x, const Tensor& y, const Tensor& z, const c10::Scalar& s) {
    return at::addcmul(x, y, z, s);
  }
};
struct ForeachAddcdiv {
  static Expr element(Expr x, Expr y, Expr z, Expr s) { return formulas::addcdiv(x, y, z, s); }
  static Tensor whole(const Tensor& x, const Tensor& y, const Tensor& z, const c10::Scalar& s) {
    return at::addcdiv(x, y, z, s);
  }
};

bool are_floating(TensorList list) {
  return c10::isFloatingType(list[0].scalar_type());
}

// x op alpha * y; only sums and differences have an alpha other than 1.
template <class Formula>
Tensor whole_scaled(const Tensor& x, const Tensor& y, const c10::Scalar& alpha) {
  if constexpr (requires { Formula::scaled(x, y, alpha); }) return Formula::scaled(x, y, alpha);
  return Formula::whole(x, y);
}

// In place, or into new tensors.
TensorVector foreach_targets(TensorList self, bool in_place) {
  if (in_place) return self.vec();
  TensorVector out;
  out.reserve(self.size());
  for (const Tensor& tensor : self) out.push_back(torch::empty_like(tensor));
  return out;
}

void foreach_store(TensorVector& out, size_t i, bool in_place, TensorList self, Tensor value) {
  if (!in_place) return out.push_back(std::move(value));
  require_castable(value.scalar_type(), self[i]);
  self[i].copy_(value);
}

// --- unary
// ------------------------------------------------------------------------------------------------------------------------

template <class Formula, bool in_place>
TensorVector foreach_unary(TensorList self) {
  if (!is_uniform({self}) || !are_floating(self)) {
    TensorVector out;
    for (size_t i = 0; i < self.size(); ++i) foreach_store(out, i, in_place, self, Formula::whole(self[i]));
    return out;
  }
  DType type = dtype_of(self[0].scalar_type());
  Each each(formulas::list_program<&Formula::element, 1>(type));
  TensorVector out = foreach_targets(self, in_place);
  for (size_t i = 0; i < self.size(); ++i) {
    each.input(self[i]);
    each.output(out[i]);
  }
  each.record(stream_of(self[0]));
  return out;
}

template <class Formula>
void foreach_unary_(TensorList self) {
  foreach_unary<Formula, true>(self);
}

// --- with scalars
// -------------------------------------------------------------------------------------------------------------------

template <class Formula, bool in_place>
TensorVector with_scalars(TensorList self, at::ArrayRef<c10::Scalar> scalars) {
  TORCH_CHECK(scalars.size() == 1 || scalars.size() == self.size(),
              "Tensor list must have same number of elements as scalar list.");
  auto scalar = [&](size_t i) { return scalars.size() == 1 ? scalars[0] : scalars[i]; };
  if constexpr (requires { Formula::check(scalars[0]); })
    for (const c10::Scalar& value : scalars) Formula::check(value);
  if (!is_uniform({self}) || !are_floating(self)) {
    TensorVector out;
    for (size_t i = 0; i < self.size(); ++i) foreach_store(out, i, in_place, self, Formula::whole(self[i], scalar(i)));
    return out;
  }
  DType type = dtype_of(self[0].scalar_type());
  Each each(formulas::list_program<&Formula::element, 1, 1>(type));
  TensorVector out = foreach_targets(self, in_place);
  for (size_t i = 0; i < self.size(); ++i) {
    each.input(self[i]);
    each.output(out[i]);
  }
  for (const c10::Scalar& value : scalars) each.arg(value, type);
  each.record(stream_of(self[0]));
  return out;
}

template <class Formula>
TensorVector foreach_scalar(TensorList self, const c10::Scalar& value) {
  return with_scalars<Formula, false>(self, value);
}
template <class Formula>
void foreach_scalar_(TensorList self, const c10::Scalar& value) {
  with_scalars<Formula, true>(self, value);
}
template <class Formula>
TensorVector foreach_scalar_list(TensorList self, at::ArrayRef<c10::Scalar> values) {
  return with_scalars<Formula, false>(self, values);
}
template <class Formula>
void foreach_scalar_list_(TensorList self, at::ArrayRef<c10::Scalar> values) {
  with_scalars<Formula, true>(self, values);
}

// --- with a second list
// -------------------------------------------------------------------------------------------------------------

template <class Formula, bool in_place>
TensorVector with_list(TensorList self, TensorList other, const c10::Scalar& alpha) {
  require_same_length(self, other);
  bool scaled = !alpha.equal(1);
  if (!is_uniform({self, other}) || !are_floating(self)) {
    TensorVector out;
    for (size_t i = 0; i < self.size(); ++i)
      foreach_store(out, i, in_place, self, whole_scaled<Formula>(self[i], other[i], alpha));
    return out;
  }
  DType type = dtype_of(self[0].scalar_type());
  Each each(scaled ? formulas::list_program<&formulas::with_factor<&Formula::element>, 2, 1>(type)
                   : formulas::list_program<&Formula::element, 2>(type));
  TensorVector out = foreach_targets(self, in_place);
  for (size_t i = 0; i < self.size(); ++i) {
    each.input(self[i]);
    each.input(other[i]);
    each.output(out[i]);
  }
  if (scaled) each.arg(alpha, type);
  each.record(stream_of(self[0]));
  return out;
}

template <class Formula>
TensorVector foreach_list(TensorList self, TensorList other) {
  return with_list<Formula, false>(self, other, 1);
}
template <class Formula>
void foreach_list_(TensorList self, TensorList other) {
  with_list<Formula, true>(self, other, 1);
}
template <class Formula>
TensorVector list_alpha(TensorList self, TensorList other, const c10::Scalar& alpha) {
  return with_list<Formula, false>(self, other, alpha);
}
template <class Formula>
void list_alpha_(TensorList self, TensorList other, const c10::Scalar& alpha) {
  with_list<Formula, true>(self, other, alpha);
}

// --- with one tensor of one element
// ---------------------------------------------------------------------------------------------------

template <class Formula, bool in_place>
TensorVector with_tensor(TensorList self, const Tensor& other_given, const c10::Scalar& alpha) {
  TORCH_CHECK(other_given.dim() == 0 && other_given.numel() == 1, "scalar tensor expected to be 0 dim but it has ",
              other_given.dim(), " dimensions and ", other_given.numel(), " elements.");
  Tensor other = other_given;
  // Among tensors without axes `other` takes part in the promotion.
  bool weighs = other.scalar_type() != self[0].scalar_type() &&
                std::any_of(self.begin(), self.end(), [](const Tensor& tensor) { return tensor.dim() == 0; });
  bool fits = is_uniform({self}) && are_floating(self) && !weighs && alpha.equal(1);
  if (!fits) {
    TensorVector out;
    for (size_t i = 0; i < self.size(); ++i)
      foreach_store(out, i, in_place, self, whole_scaled<Formula>(self[i], other, alpha));
    return out;
  }
  if (other.device() != self[0].device() || other.scalar_type() != self[0].scalar_type())
    other = other.to(self[0].options());
  DType type = dtype_of(self[0].scalar_type());
  Each each(formulas::list_program<&Formula::element, 2>(type));
  TensorVector out = foreach_targets(self, in_place);
  for (size_t i = 0; i < self.size(); ++i) {
    each.input(self[i]);
    each.input(other);
    each.output(out[i]);
  }
  each.record(stream_of(self[0]));
  return out;
}

template <class Formula>
TensorVector foreach_tensor(TensorList self, const Tensor& other) {
  return with_tensor<Formula, false>(self, other, 1);
}
template <class Formula>
void foreach_tensor_(TensorList self, const Tensor& other) {
  with_tensor<Formula, true>(self, other, 1);
}
template <class Formula>
void tensor_alpha_(TensorList self, const Tensor& other, const c10::Scalar& alpha) {
  with_tensor<Formula, true>(self, other, alpha);
}

// --- x + s * y * z and x + s * y / z
// -----------------------------------------------------------------------------------------------

template <class Formula, bool in_place>
TensorVector foreach_pointwise(TensorList self, TensorList y, TensorList z, at::ArrayRef<c10::Scalar> scalars) {
  require_same_length(self, y);
  require_same_length(self, z);
  TORCH_CHECK(scalars.size() == 1 || scalars.size() == self.size(),
              "Tensor list must have same number of elements as scalar list.");
  auto scalar = [&](size_t i) { return scalars.size() == 1 ? scalars[0] : scalars[i]; };
  if (!is_uniform({self, y, z}) || !are_floating(self)) {
    TensorVector out;
    for (size_t i = 0; i < self.size(); ++i)
      foreach_store(out, i, in_place, self, Formula::whole(self[i], y[i], z[i], scalar(i)));
    return out;
  }
  DType type = dtype_of(self[0].scalar_type());
  Each each(formulas::list_program<&Formula::element, 3, 1>(type));
  TensorVector out = foreach_targets(self, in_place);
  for (size_t i = 0; i < self.size(); ++i) {
    each.input(self[i]);
    each.input(y[i]);
    each.input(z[i]);
    each.output(out[i]);
  }
  for (const c10::Scalar& value : scalars) each.arg(value, type);
  each.record(stream_of(self[0]));
  return out;
}

template <class Formula>
TensorVector pointwise_scalar(TensorList self, TensorList y, TensorList z, const c10::Scalar& value) {
  return foreach_pointwise<Formula, false>(self, y, z, value);
}
template <class Formula>
void pointwise_scalar_(TensorList self, TensorList y, TensorList z, const c10::Scalar& value) {
  foreach_pointwise<Formula, true>(self, y, z, value);
}
template <class Formula>
TensorVector pointwise_list(TensorList self, TensorList y, TensorList z, at::ArrayRef<c10::Scalar> values) {
  return foreach_pointwise<Formula, false>(self, y, z, values);
}
template <class Formula>
void pointwise_list_(TensorList self, TensorList y, TensorList z, at::ArrayRef<c10::Scalar> values) {
  foreach_pointwise<Formula, true>(self, y, z, values);
}

// --- lerp
// -----------------------------------------------------------------------------------------------------------------------------

template <bool in_place>
TensorVector foreach_lerp(TensorList self, TensorList end, at::ArrayRef<c10::Scalar> weights) {
  require_same_length(self, end);
  auto weight = [&](size_t i) { return weights.size() == 1 ? weights[0] : weights[i]; };
  if (!is_uniform({self, end}) || !are_floating(self)) {
    TensorVector out;
    for (size_t i = 0; i < self.size(); ++i)
      foreach_store(out, i, in_place, self, at::lerp(self[i], end[i], weight(i)));
    return out;
  }
  DType type = dtype_of(self[0].scalar_type());
  Each each(formulas::list_program<&formulas::lerp, 2, 1>(type));
  TensorVector out = foreach_targets(self, in_place);
  for (size_t i = 0; i < self.size(); ++i) {
    each.input(self[i]);
    each.input(end[i]);
    each.output(out[i]);
  }
  for (const c10::Scalar& value : weights) each.arg(value, type);
  each.record(stream_of(self[0]));
  return out;
}

TensorVector lerp_scalar(TensorList self, TensorList end, const c10::Scalar& weight) {
  return foreach_lerp<false>(self, end, weight);
}
void lerp_scalar_(TensorList self, TensorList end, const c10::Scalar& weight) {
  foreach_lerp<true>(self, end, weight);
}
void lerp_scalar_list_(TensorList self, TensorList end, at::ArrayRef<c10::Scalar> weights) {
  foreach_lerp<true>(self, end, weights);
}

template <class Formula>
void implement_foreach_unary(::torch::Library& m, const std::string& name) {
  implement<&foreach_unary<Formula, false>>(m, ("_foreach_" + name).c_str());
  implement<&foreach_unary_<Formula>>(m, ("_foreach_" + name + "_").c_str());
}

template <class Formula>
void implement_scalars(::torch::Library& m, const std::string& name) {
  implement<&foreach_scalar<Formula>>(m, ("_foreach_" + name + ".Scalar").c_str());
  implement<&foreach_scalar_<Formula>>(m, ("_foreach_" + name + "_.Scalar").c_str());
  implement<&foreach_scalar_list<Formula>>(m, ("_foreach_" + name + ".ScalarList").c_str());
  implement<&foreach_scalar_list_<Formula>>(m, ("_foreach_" + name + "_.ScalarList").c_str());
}

template <class Formula>
void implement_list(::torch::Library& m, const std::string& name) {
  implement<&foreach_list<Formula>>(m, ("_foreach_" + name + ".List").c_str());
  implement<&foreach_list_<Formula>>(m, ("_foreach_" + name + "_.List").c_str());
}

template <class Formula>
void implement_list_alpha(::torch::Library& m, const std::string& name) {
  implement<&list_alpha<Formula>>(m, ("_foreach_" + name + ".List").c_str());
  implement<&list_alpha_<Formula>>(m, ("_foreach_" + name + "_.List").c_str());
}

template <class Formula>
void implement_foreach_pointwise(::torch::Library& m, const std::string& name) {
  implement<&pointwise_scalar<Formula>>(m, ("_foreach_" + name + ".Scalar").c_str());
  implement<&pointwise_scalar_<Formula>>(m, ("_foreach_" + name + "_.Scalar").c_str());
  implement<&pointwise_list<Formula>>(m, ("_foreach_" + name + ".ScalarList").c_str());
  implement<&pointwise_list_<Formula>>(m, ("_foreach_" + name + "_.ScalarList").c_str());
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_foreach_unary<ForeachSqrt>(m, "sqrt");
  implement_foreach_unary<ForeachNeg>(m, "neg");
  implement_foreach_unary<ForeachAbs>(m, "abs");
  implement_foreach_unary<ForeachReciprocal>(m, "reciprocal");
  implement_foreach_unary<ForeachRsqrt>(m, "rsqrt");
  implement_foreach_unary<ForeachSign>(m, "sign");
  implement_foreach_unary<ForeachExp>(m, "exp");
  implement_scalars<ForeachAdd>(m, "add");
  implement_scalars<ForeachSub>(m, "sub");
  implement_scalars<ForeachMul>(m, "mul");
  implement_scalars<ForeachDiv>(m, "div");
  implement_scalars<ForeachPow>(m, "pow");
  implement_scalars<ForeachMaximum>(m, "maximum");
  implement_scalars<ForeachMaximum>(m, "clamp_min");
  implement_scalars<ForeachMinimum>(m, "minimum");
  implement_scalars<ForeachMinimum>(m, "clamp_max");
  implement_list_alpha<ForeachAdd>(m, "add");
  implement_list_alpha<ForeachSub>(m, "sub");
  implement_list<ForeachMul>(m, "mul");
  implement_list<ForeachDiv>(m, "div");
  implement_list<ForeachMaximum>(m, "maximum");
  implement_list<ForeachMaximum>(m, "clamp_min");
  implement_list<ForeachMinimum>(m, "minimum");
  implement_list<ForeachMinimum>(m, "clamp_max");
  implement<&tensor_alpha_<ForeachAdd>>(m, "_foreach_add_.Tensor");
  implement<&foreach_tensor<ForeachMul>>(m, "_foreach_mul.Tensor");
  implement<&foreach_tensor_<ForeachMul>>(m, "_foreach_mul_.Tensor");
  implement<&foreach_tensor<ForeachDiv>>(m, "_foreach_div.Tensor");
  implement<&foreach_tensor_<ForeachDiv>>(m, "_foreach_div_.Tensor");
  implement_foreach_pointwise<ForeachAddcmul>(m, "addcmul");
  implement_foreach_pointwise<ForeachAddcdiv>(m, "addcdiv");
  implement<&lerp_scalar>(m, "_foreach_lerp.Scalar");
  implement<&lerp_scalar_>(m, "_foreach_lerp_.Scalar");
  implement<&lerp_scalar_list_>(m, "_foreach_lerp_.ScalarList");
}

}  // namespace lineshaft::torch
