// Tensors from nothing: arange, linspace, eye, random permutations.
#include <ATen/ops/linspace.h>
#include <ATen/ops/pow.h>

#include <cmath>

#include "csrc/core/generator.h"
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include "csrc/core/torch_version.h"
#include <lineshaft/frontend/formulas/random.h>
#include <lineshaft/frontend/formulas/sequence.h>
#include <lineshaft/frontend/ranges.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
namespace formulas = frontend::formulas;

// An i64 result counts whole steps between bounds that are cut off to integers, from PyTorch 2.14 on only where all
// three are integers; every other is counted in f64.
int64_t arange_size(const c10::Scalar& start, const c10::Scalar& end, const c10::Scalar& step, c10::ScalarType type) {
  TORCH_CHECK(!LINESHAFT_TORCH_FROM(15) || std::isfinite(step.toDouble()), "step must be finite but got ",
              step.toDouble());
  TORCH_CHECK(step.toDouble() != 0, "step must be nonzero");
  TORCH_CHECK(std::isfinite(start.toDouble()) && std::isfinite(end.toDouble()), "unsupported range: ", start.toDouble(),
              " -> ", end.toDouble());
  TORCH_CHECK((step.toDouble() > 0) == (end.toDouble() >= start.toDouble()) || start.toDouble() == end.toDouble(),
              "upper bound and lower bound inconsistent with step sign");
  bool whole = start.isIntegral(false) && end.isIntegral(false) && step.isIntegral(false);
  std::optional<int64_t> size;
  if (type == c10::kLong && (whole || !LINESHAFT_TORCH_FROM(14))) {
    int64_t a = start.toLong(), b = end.toLong(), s = step.toLong();
    TORCH_CHECK_VALUE(s != 0, "step must be nonzero");
    size = frontend::range_length(a, b, s);
  } else {
    size = frontend::range_length(start.toDouble(), end.toDouble(), step.toDouble());
  }
  TORCH_CHECK(size.has_value(), "invalid size, possible overflow?");
  return *size;
}

// A one-dimensional result of `size` elements computed by `program` from its own number.
void record_sequence(ProgramRef program, const Tensor& out, List<lineshaft::Scalar> args) {
  if (out.is_contiguous()) return record_map(program, {&out}, {}, args);
  Tensor dense = empty(out.sizes(), out.scalar_type(), out.device().index());
  record_map(program, {&dense}, {}, args);
  out.copy_(dense);
}

Tensor& arange_out(const c10::Scalar& start, const c10::Scalar& end, const c10::Scalar& step, Tensor& out) {
  int64_t size = arange_size(start, end, step, out.scalar_type());
  if (out.numel() != size) resize_out(out, {size}, out.scalar_type());
  DType type = dtype_of(out.scalar_type()), compute = compute_type(type);
  lineshaft::Scalar args[] = {argument(start, compute), argument(step, compute)};
  record_sequence(formulas::arange_program(type), out, args);
  return out;
}

Tensor& linspace_out(const c10::Scalar& start, const c10::Scalar& end, int64_t steps, Tensor& out) {
  TORCH_CHECK(steps >= 0, "number of steps must be non-negative");
  if (out.numel() != steps) resize_out(out, {steps}, out.scalar_type());
  bool whole = c10::isIntegralType(out.scalar_type(), false);
  auto bound =
      [&](const c10::Scalar& value) {  // as PyTorch has it, of the result's dtype; it throws where it does not fit
        if (whole) checked_argument(value, dtype_of(out.scalar_type()));
        return whole ? static_cast<double>(value.toLong()) : value.toDouble();
      };
  double from = bound(start), to = bound(end);
  auto args = formulas::linspace_arguments(from, to, steps);
  record_sequence(formulas::linspace_program(dtype_of(out.scalar_type())), out, args);
  return out;
}

// Powers of f64, whatever the result's dtype, as PyTorch's own composition has it.
Tensor& logspace_out(const c10::Scalar& start, const c10::Scalar& end, int64_t steps, double base, Tensor& out) {
  TORCH_CHECK(steps >= 0, "number of steps must be non-negative");
  bool whole = c10::isIntegralType(out.scalar_type(), false);
  auto bound = [&](const c10::Scalar& value) { return whole ? c10::Scalar(value.toLong()) : value; };
  Tensor exponents = at::linspace(bound(start), bound(end), steps, out.options().dtype(at::kDouble));
  if (out.numel() != steps) resize_out(out, {steps}, out.scalar_type());
  out.copy_(at::pow(base, exponents).view(out.sizes()));
  return out;
}

Tensor& eye_out(int64_t rows, int64_t columns, Tensor& out) {
  TORCH_CHECK(rows >= 0, "n must be greater or equal to 0, got ", rows);
  TORCH_CHECK(columns >= 0, "m must be greater or equal to 0, got ", columns);
  resize_out(out, {rows, columns}, out.scalar_type());
  record_map(formulas::eye_program(dtype_of(out.scalar_type())), {&out}, {});
  return out;
}

Tensor& eye_square_out(int64_t n, Tensor& out) {
  return eye_out(n, n, out);
}

// The order of random keys. 64-bit keys: two alike are rarer than a bit flip in memory.
Tensor& randperm_out(int64_t n, std::optional<at::Generator> generator, Tensor& out) {
  auto type = out.scalar_type();
  bool narrow = c10::isFloatingType(type) && type != at::kDouble;
  int64_t most = narrow ? largest_exact_integer(dtype_of(type)) + 1 : INT64_MAX;
  TORCH_CHECK(n <= most, "n cannot be greater than ", most, " for ", c10::toString(type), " type.");
  if (c10::isIntegralType(type, true)) checked_argument(n, dtype_of(type));
  TORCH_CHECK(n >= 0, "n must be non-negative, got", n);
  resize_out(out, {n}, out.scalar_type());
  if (n == 0) return out;
  auto device = out.device().index();
  Draw draw = reserve(generator, device, n);
  Tensor keys = empty({n}, c10::kLong, device);
  record_map(formulas::random_keys_program(), {&keys}, {}, formulas::draw_arguments(draw));
  return out.copy_(std::get<1>(keys.sort()));
}

Tensor& randperm_default_out(int64_t n, Tensor& out) {
  return randperm_out(n, std::nullopt, out);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&arange_out>(m, "arange.start_out");
  implement<&linspace_out>(m, "linspace.out");
  implement<&logspace_out>(m, "logspace.out");
  implement<&eye_out>(m, "eye.m_out");
  implement<&eye_square_out>(m, "eye.out");
  implement<&randperm_out>(m, "randperm.generator_out");
  implement<&randperm_default_out>(m, "randperm.out");
}

}  // namespace lineshaft::torch
