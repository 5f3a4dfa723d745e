// Sums, products, extremes, any and all, means, variances and norms.
#include <ATen/ops/amax_meta.h>
#include <ATen/ops/amin_meta.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include "csrc/core/kernel.h"
#include "csrc/core/structured.h"
#include "csrc/core/torch_version.h"
#include "csrc/ops/reduction.h"
#include <lineshaft/frontend/formulas/reductions.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

using at::IntArrayRef;
using at::OptionalIntArrayRef;
using at::Tensor;
using c10::ScalarType;

// --- sum, prod, nansum
// ------------------------------------------------------------------------------------------------

ScalarType sum_type(const Tensor& self, std::optional<ScalarType> dtype) {
  if (dtype.has_value()) return *dtype;
  return c10::isIntegralType(self.scalar_type(), true) ? c10::kLong : self.scalar_type();
}

// The same axes, kept: `output` of torch's class gives results of the input's rank.
frontend::Reduction kept(const Reduction& reduction) {
  return {reduction.input(), reduction.axes(), true};
}

void record_values(ReduceKind kind, const Reduction& reduction, const Tensor& out, bool nan_to_zero = false) {
  frontend::record_values(stream_of(reduction.self()), kept(reduction), kind, reduction.output(out), nan_to_zero);
}

Tensor& reduce_values(ReduceKind kind, const Tensor& self, OptionalIntArrayRef dims, bool keepdim, ScalarType type,
                      Tensor& out, bool nan_to_zero = false) {
  Reduction reduction(self, dims, keepdim);
  resize_out(out, reduction.sizes(), type);
  record_values(kind, reduction, out, nan_to_zero);
  return out;
}

Tensor& sum_out(const Tensor& self, OptionalIntArrayRef dims, bool keepdim, std::optional<ScalarType> dtype,
                Tensor& out) {
  ScalarType type = dtype.value_or(out.scalar_type());
  return reduce_values(ReduceKind::kSum, self, dims, keepdim, type, out);
}

Tensor sum_dims(const Tensor& self, OptionalIntArrayRef dims, bool keepdim, std::optional<ScalarType> dtype) {
  Reduction reduction(self, dims, keepdim);
  Tensor out = reduction.empty_result(sum_type(self, dtype));
  record_values(ReduceKind::kSum, reduction, out);
  return out;
}

Tensor& nansum_out(const Tensor& self, OptionalIntArrayRef dims, bool keepdim, std::optional<ScalarType> dtype,
                   Tensor& out) {
  ScalarType type = dtype.value_or(out.scalar_type());
  bool kept = dtype.has_value() || c10::isFloatingType(type) || c10::isIntegralType(self.scalar_type(), true);
  TORCH_CHECK_NOT_IMPLEMENTED(kept, "\"nansum_cpu\" not implemented for '", c10::toString(type), "'");
  return reduce_values(ReduceKind::kSum, self, dims, keepdim, type, out, true);
}

Tensor nansum(const Tensor& self, OptionalIntArrayRef dims, bool keepdim, std::optional<ScalarType> dtype) {
  Tensor out = empty({0}, sum_type(self, dtype), self.device().index());
  return nansum_out(self, dims, keepdim, out.scalar_type(), out);
}

Tensor& prod_out(const Tensor& self, int64_t dim, bool keepdim, std::optional<ScalarType> dtype, Tensor& out) {
  return reduce_values(ReduceKind::kProd, self, dim, keepdim, dtype.value_or(out.scalar_type()), out);
}

Tensor prod_all(const Tensor& self, std::optional<ScalarType> dtype) {
  Tensor out = empty({}, sum_type(self, dtype), self.device().index());
  return reduce_values(ReduceKind::kProd, self, std::nullopt, false, out.scalar_type(), out);
}

// --- mean
// --------------------------------------------------------------------------------------------------------------

void record_mean(const Reduction& reduction, const Tensor& out) {
  frontend::record_mean(stream_of(reduction.self()), kept(reduction), reduction.output(out));
}

ScalarType mean_type(const Tensor& self, std::optional<ScalarType> dtype) {
  ScalarType type = dtype.value_or(self.scalar_type());
  LINESHAFT_CHECK_DTYPE(c10::isFloatingType(type), "mean(): could not infer output dtype. ",
                        dtype ? "Optional" : "Input",
                        " dtype must be either a floating point or complex dtype. Got: ", c10::toString(type));
  return type;
}

Tensor mean_dims(const Tensor& self, OptionalIntArrayRef dims, bool keepdim, std::optional<ScalarType> dtype) {
  ScalarType type = mean_type(self, dtype);
  Reduction reduction(self, dims, keepdim);
  Tensor out = reduction.empty_result(type);
  record_mean(reduction, out);
  return out;
}

Tensor mean_all(const Tensor& self, std::optional<ScalarType> dtype) {
  return mean_dims(self, std::nullopt, false, dtype);
}

Tensor& mean_out(const Tensor& self, OptionalIntArrayRef dims, bool keepdim, std::optional<ScalarType> dtype,
                 Tensor& out) {
  ScalarType type = mean_type(self, dtype);
  if (!dtype.has_value() && c10::isFloatingType(out.scalar_type())) type = out.scalar_type();
  Reduction reduction(self, dims, keepdim);
  resize_out(out, reduction.sizes(), type);
  record_mean(reduction, out);
  return out;
}

// --- any, all
// ----------------------------------------------------------------------------------------------------------

template <ReduceKind kind>
Tensor& truth_out(const Tensor& self, OptionalIntArrayRef dims, bool keepdim, Tensor& out) {
  Reduction reduction(self, dims, keepdim);
  bool bytes = out.scalar_type() == c10::kByte;
  TORCH_CHECK(bytes || out.scalar_type() == c10::kBool,
              "any and all only support bool tensor for result, got: ", c10::toString(out.scalar_type()));
  resize_out(out, reduction.sizes(), out.scalar_type());
  Reduce op;
  op.kind = kind;
  op.output = reduction.output(out);
  if (bytes) op.epilogue.program = cast_program(DType::kBool, DType::kU8);
  reduction.record(op);
  return out;
}

template <ReduceKind kind>
Tensor& truth_dim_out(const Tensor& self, int64_t dim, bool keepdim, Tensor& out) {
  return truth_out<kind>(self, dim, keepdim, out);
}

template <ReduceKind kind>
Tensor& truth_all_out(const Tensor& self, Tensor& out) {
  return truth_out<kind>(self, std::nullopt, false, out);
}

// --- extremes
// ----------------------------------------------------------------------------------------------------------

template <ReduceKind kind>
Tensor& extreme_dims_out(const Tensor& self, IntArrayRef dims, bool keepdim, Tensor& out) {
  return reduce_values(kind, self, dims, keepdim, self.scalar_type(), out);
}

template <ReduceKind kind>
Tensor extreme_all(const Tensor& self) {
  TORCH_CHECK(self.numel() > 0, kind == ReduceKind::kMax ? "max" : "min",
              "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
              "'dim' argument.");
  Tensor out = empty({}, self.scalar_type(), self.device().index());
  return reduce_values(kind, self, std::nullopt, false, self.scalar_type(), out);
}

template <ReduceKind kind>
std::tuple<Tensor&, Tensor&> extreme_index_out(const Tensor& self, int64_t dim, bool keepdim, Tensor& values,
                                               Tensor& indices) {
  Reduction reduction(self, dim, keepdim);
  resize_out(values, reduction.sizes(), self.scalar_type());
  resize_out(indices, reduction.sizes(), c10::kLong);
  Reduce op;
  op.kind = kind;
  op.output = reduction.output(values);
  op.indices = reduction.output(indices);
  reduction.record(op);
  return {values, indices};
}

template <ReduceKind kind>
Tensor& argument_out(const Tensor& self, std::optional<int64_t> dim, bool keepdim, Tensor& out) {
  int64_t axis = dim.value_or(0);
  Reduction reduction(self, dim.has_value() ? OptionalIntArrayRef(axis) : std::nullopt, keepdim);
  resize_out(out, reduction.sizes(), c10::kLong);
  Reduce op;
  op.kind = kind;
  op.output = reduction.output(out);
  reduction.record(op);
  return out;
}

std::tuple<Tensor&, Tensor&> aminmax_out(const Tensor& self, std::optional<int64_t> dim, bool keepdim, Tensor& min,
                                         Tensor& max) {
  int64_t axis = dim.value_or(0);
  OptionalIntArrayRef dims = dim.has_value() ? OptionalIntArrayRef(axis) : std::nullopt;
  reduce_values(ReduceKind::kMin, self, dims, keepdim, self.scalar_type(), min);
  reduce_values(ReduceKind::kMax, self, dims, keepdim, self.scalar_type(), max);
  return {min, max};
}

Tensor count_nonzero(const Tensor& self, IntArrayRef dims) {
  Reduction reduction(self, dims, false);
  Tensor out = reduction.empty_result(c10::kLong);
  frontend::record_count_nonzero(stream_of(reduction.self()), kept(reduction), reduction.output(out));
  return out;
}

// --- variance
// ----------------------------------------------------------------------------------------------------------

// The root of a variance in the type that it was summed in, rounded once.
Tensor root_of(const Tensor& variance, ScalarType type) {
  Tensor out = variance.scalar_type() == type ? variance : torch::empty_like(variance, type);
  record_map(formulas::square_root_program(dtype_of(variance.scalar_type()), dtype_of(type)), {&out}, {&variance});
  return out;
}

std::tuple<Tensor, Tensor> variance_and_mean_as(const char* name, ScalarType variance_type, const Tensor& self,
                                                OptionalIntArrayRef dims, const std::optional<c10::Scalar>& correction,
                                                bool keepdim) {
  LINESHAFT_CHECK_DTYPE(c10::isFloatingType(self.scalar_type()), name,
                        " only support floating point and complex dtypes");
  Reduction reduction(self, dims, keepdim);
  Tensor mean = reduction.empty_result(self.scalar_type()), variance = reduction.empty_result(variance_type);
  frontend::record_variance(stream_of(reduction.self()), kept(reduction),
                            correction.has_value() ? correction->toDouble() : 1.0, reduction.output(mean),
                            reduction.output(variance));
  return {variance, mean};
}

std::tuple<Tensor, Tensor> variance_and_mean(const Tensor& self, OptionalIntArrayRef dims,
                                             const std::optional<c10::Scalar>& correction, bool keepdim) {
  return variance_and_mean_as("var_mean", self.scalar_type(), self, dims, correction, keepdim);
}

Tensor variance(const Tensor& self, OptionalIntArrayRef dims, const std::optional<c10::Scalar>& correction,
                bool keepdim) {
  return std::get<0>(variance_and_mean_as("std and var", self.scalar_type(), self, dims, correction, keepdim));
}

std::tuple<Tensor, Tensor> deviation_and_mean(const char* name, const Tensor& self, OptionalIntArrayRef dims,
                                              const std::optional<c10::Scalar>& correction, bool keepdim) {
  ScalarType wide = self.scalar_type() == c10::kDouble ? c10::kDouble : c10::kFloat;
  auto [variance, mean] = variance_and_mean_as(name, wide, self, dims, correction, keepdim);
  return {root_of(variance, self.scalar_type()), mean};
}

std::tuple<Tensor, Tensor> std_mean(const Tensor& self, OptionalIntArrayRef dims,
                                    const std::optional<c10::Scalar>& correction, bool keepdim) {
  return deviation_and_mean("std_mean", self, dims, correction, keepdim);
}

Tensor deviation(const Tensor& self, OptionalIntArrayRef dims, const std::optional<c10::Scalar>& correction,
                 bool keepdim) {
  return std::get<0>(deviation_and_mean("std and var", self, dims, correction, keepdim));
}

Tensor& var_out(const Tensor& self, OptionalIntArrayRef dims, const std::optional<c10::Scalar>& correction,
                bool keepdim, Tensor& out) {
  return store_out(variance(self, dims, correction, keepdim), out, Stored::kCast);
}

Tensor& std_out(const Tensor& self, OptionalIntArrayRef dims, const std::optional<c10::Scalar>& correction,
                bool keepdim, Tensor& out) {
  return store_out(deviation(self, dims, correction, keepdim), out, Stored::kCast);
}

// --- norms
// -------------------------------------------------------------------------------------------------------------

Tensor& vector_norm_out(const Tensor& self, const c10::Scalar& order, OptionalIntArrayRef dims, bool keepdim,
                        std::optional<ScalarType> dtype, Tensor& out) {
  Reduction reduction(self, dims, keepdim);
  TORCH_CHECK(c10::isFloatingType(self.scalar_type()),
              "linalg.vector_norm: Expected a floating point or complex tensor as input. Got ",
              c10::toString(self.scalar_type()));
  resize_out(out, reduction.sizes(), dtype.value_or(self.scalar_type()));
  if (reduction.count() == 0 && (order.toDouble() < 0 || std::isinf(order.toDouble()))) {
    TORCH_CHECK(out.numel() == 0, "linalg.vector_norm cannot compute the ", order.toDouble(),
                " norm on an empty tensor because the operation does not have an identity");
  }
  frontend::record_norm(stream_of(reduction.self()), kept(reduction), order.toDouble(), reduction.output(out));
  return out;
}

Tensor& norm_out(const Tensor& self, const std::optional<c10::Scalar>& order, IntArrayRef dims, bool keepdim,
                 Tensor& out) {
  return vector_norm_out(self, order.value_or(2), dims, keepdim, std::nullopt, out);
}

Tensor& norm_dtype_out(const Tensor& self, const std::optional<c10::Scalar>& order, IntArrayRef dims, bool keepdim,
                       ScalarType type, Tensor& out) {
  return vector_norm_out(self, order.value_or(2), dims, keepdim, type, out);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&sum_out>(m, "sum.IntList_out");
  implement<&sum_dims>(m, "sum.dim_IntList");
  implement<&nansum>(m, "nansum");
  implement<&nansum_out>(m, "nansum.out");
  implement<&prod_all>(m, "prod");
  implement<&prod_out>(m, "prod.int_out");
  implement<&mean_all>(m, "mean");
  implement<&mean_dims>(m, "mean.dim");
  implement<&mean_out>(m, "mean.out");
  implement<&truth_dim_out<ReduceKind::kAny>>(m, "any.out");
  implement<&truth_out<ReduceKind::kAny>>(m, "any.dims_out");
  implement<&truth_all_out<ReduceKind::kAny>>(m, "any.all_out");
  implement<&truth_dim_out<ReduceKind::kAll>>(m, "all.out");
  implement<&truth_out<ReduceKind::kAll>>(m, "all.dims_out");
  implement<&truth_all_out<ReduceKind::kAll>>(m, "all.all_out");
  implement_checked<at::meta::structured_amax, &extreme_dims_out<ReduceKind::kMax>>(m, "amax", "amax.out");
  implement_checked<at::meta::structured_amin, &extreme_dims_out<ReduceKind::kMin>>(m, "amin", "amin.out");
  implement<&extreme_all<ReduceKind::kMax>>(m, "max");
  implement<&extreme_all<ReduceKind::kMin>>(m, "min");
  implement<&extreme_index_out<ReduceKind::kMaxIndex>>(m, "max.dim_max");
  implement<&extreme_index_out<ReduceKind::kMinIndex>>(m, "min.dim_min");
  implement<&argument_out<ReduceKind::kArgMax>>(m, "argmax.out");
  implement<&argument_out<ReduceKind::kArgMin>>(m, "argmin.out");
  implement<&aminmax_out>(m, "aminmax.out");
  implement<&count_nonzero>(m, "count_nonzero.dim_IntList");
  implement<&variance>(m, "var.correction");
  implement<&var_out>(m, "var.correction_out");
  implement<&deviation>(m, "std.correction");
  implement<&std_out>(m, "std.correction_out");
  implement<&variance_and_mean>(m, "var_mean.correction");
  implement<&std_mean>(m, "std_mean.correction");
  implement<&vector_norm_out>(m, "linalg_vector_norm.out");
  implement<&norm_out>(m, "norm.out");
  implement<&norm_dtype_out>(m, "norm.dtype_out");
}

}  // namespace lineshaft::torch
