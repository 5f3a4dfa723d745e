#include "csrc/core/elementwise.h"

#include <ATen/ops/item.h>

#include <lineshaft/frontend/elementwise.h>
#include <lineshaft/frontend/formulas/arithmetic.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

using c10::ScalarType;
using frontend::ElementwiseOperand;

ScalarType common_type(const Operand& a, const Operand& b) {
  if (a.typed() && b.typed()) return promoted(*a.typed(), *b.typed());
  if (a.typed()) return promoted(*a.typed(), b.number());
  return promoted(*b.typed(), a.number());
}

// The dtype to compute in and the dtype of the result.
struct Types {
  ScalarType compute;
  ScalarType result;
};

Types types_of(const Elementwise& op, ScalarType common) {
  if (op.check) op.check(op.name, common);
  switch (op.promotion) {
    case Promotion::kFloat:
      common = float_type(common);
      return {common, common};
    case Promotion::kComparison:
      return {common, ScalarType::Bool};
    case Promotion::kLogical:
      return {ScalarType::Bool, ScalarType::Bool};
    default:
      return {common, common};
  }
}

// `exact`: a tensor takes part as exactly as the program computes.
ElementwiseOperand operand_of(const Elementwise& op, const Operand& operand, bool exact = false) {
  if (!operand.tensor()) return op.exact_numbers ? ElementwiseOperand::exact_number() : ElementwiseOperand::number();
  DType storage = dtype_of(operand.tensor()->scalar_type());
  return exact ? ElementwiseOperand::exact_tensor(storage) : ElementwiseOperand::tensor(storage);
}

at::Tensor prepare(const Types& types, c10::IntArrayRef sizes, Tensors inputs, const at::Tensor* out, bool resize,
                   Stored how) {
  if (!out) return empty_result(sizes, types.result, inputs);
  if (resize) {
    resize_result(*out, sizes, types.result, how, inputs);
  } else {
    require_castable(types.result, *out);
    TORCH_CHECK(out->sizes() == sizes, "output with shape ", out->sizes(), " doesn't match the broadcast shape ",
                sizes);
  }
  return *out;
}

at::Tensor run(const Elementwise& op, ProgramCache& cache, const Operand& a, const Operand& b, const at::Scalar* alpha,
               const at::Tensor* out, bool resize) {
  if (op.check_operands) op.check_operands(a, b);
  Types types = types_of(op, common_type(a, b));
  DType compute = dtype_of(types.compute);
  c10::SmallVector<const at::Tensor*, 2> inputs;
  if (a.tensor()) inputs.push_back(a.tensor());
  if (b.tensor()) inputs.push_back(b.tensor());
  TORCH_CHECK(!inputs.empty(), op.name, " got no lineshaft tensor");
  c10::SmallVector<int64_t, 8> sizes(inputs[0]->sizes().begin(), inputs[0]->sizes().end());
  if (inputs.size() == 2) {
    require_device(*b.tensor(), a.tensor()->device(), "other");
    if (a.tensor()->sizes() != b.tensor()->sizes()) sizes = broadcast_sizes(a.tensor()->sizes(), b.tensor()->sizes());
  }
  Stored how = a.typed() && b.typed() ? op.tensors_out : op.number_out;
  at::Tensor target = prepare(types, sizes, inputs, out, resize, how);
  require_device(target, inputs[0]->device(), "out");
  DType result = dtype_of(types.result), stored = dtype_of(target.scalar_type());
  bool exact = op.exact_single && is_float(compute) && b.tensor() && b.tensor()->numel() == 1;
  ElementwiseOperand x = operand_of(op, a), y = operand_of(op, b, exact);
  ProgramRef program =
      alpha ? frontend::elementwise_program(
                  cache, std::array{x, y, ElementwiseOperand::exact_number()}, compute, result, stored,
                  [&](Expr left, Expr right, Expr factor) { return op.binary(left, formulas::mul(factor, right)); })
            : frontend::elementwise_program(cache, std::array{x, y}, compute, result, stored, op.binary);
  lineshaft::Scalar args[3];
  size_t count = 0;
  auto number = [&](const Operand& operand) {
    return op.checks_numbers ? checked_argument(operand.number(), compute) : argument(operand.number(), compute);
  };
  if (!a.tensor()) args[count++] = number(a);
  if (!b.tensor()) args[count++] = number(b);
  if (alpha) args[count++] = stored_argument(*alpha, compute);
  const at::Tensor* outputs[] = {&target};
  record_map(program, outputs, inputs, List<lineshaft::Scalar>(args, count));
  return target;
}

}  // namespace

Operand::Operand(const at::Tensor& tensor) : typed_(&tensor) {
  if (on_device(tensor)) {
    tensor_ = &tensor;
    return;
  }
  TORCH_CHECK(tensor.dim() == 0 && tensor.is_cpu(),
              "Expected all tensors to be on the same device, but found at least two devices, ", tensor.device(),
              " and ", c10::DeviceTypeName(kDeviceType, true), "!");
  number_ = tensor.item();
}

at::Tensor run_binary(const Elementwise& op, ProgramCache& cache, const Operand& a, const Operand& b,
                      const at::Tensor* out, bool resize) {
  return run(op, cache, a, b, nullptr, out, resize);
}

at::Tensor run_scaled(const Elementwise& op, ProgramCache& cache, const Operand& a, const Operand& b,
                      const at::Scalar& alpha, const at::Tensor* out, bool resize) {
  bool one = alpha.isFloatingPoint() ? alpha.toDouble() == 1.0 : alpha.isIntegral(false) && alpha.toLong() == 1;
  if (one) return run(op, cache, a, b, nullptr, out, resize);
  ScalarType common = common_type(a, b);
  TORCH_CHECK(!alpha.isBoolean() || common == ScalarType::Bool, "Boolean alpha only supported for Boolean results.");
  TORCH_CHECK(c10::isFloatingType(common) || alpha.isIntegral(true),
              "For integral input tensors, argument alpha must not be a floating point number.");
  return run(op, cache, a, b, &alpha, out, resize);
}

at::Tensor run_unary(const Elementwise& op, ProgramCache& cache, const at::Tensor& a, const at::Tensor* out,
                     bool resize) {
  Types types = types_of(op, a.scalar_type());
  DType source = dtype_of(a.scalar_type()), compute = dtype_of(types.compute), result = dtype_of(types.result);
  const at::Tensor* inputs[] = {&a};
  at::Tensor target = prepare(types, a.sizes(), inputs, out, resize, op.tensors_out);
  require_device(target, a.device(), "out");
  DType stored = dtype_of(target.scalar_type());
  ProgramRef program = frontend::elementwise_program(cache, std::array{ElementwiseOperand::tensor(source)}, compute,
                                                     result, stored, op.unary);
  const at::Tensor* outputs[] = {&target};
  record_map(program, outputs, inputs);
  return target;
}

void refuse_bool(const char* name, ScalarType common) {
  TORCH_CHECK_NOT_IMPLEMENTED(common != ScalarType::Bool, "\"", name,
                              "\" not implemented for 'Bool'; convert the tensors with .to(dtype)");
}

void require_floating(const char* name, ScalarType common) {
  TORCH_CHECK_NOT_IMPLEMENTED(c10::isFloatingType(common), "\"", name, "\" not implemented for '",
                              c10::toString(common), "'");
}

void require_integral(const char* name, ScalarType common) {
  TORCH_CHECK_NOT_IMPLEMENTED(c10::isIntegralType(common, true), "\"", name, "\" not implemented for '",
                              c10::toString(common), "'");
}

}  // namespace lineshaft::torch
