// Operators that are one formula over tensors and scalars in any order, as activations and losses are:
//
//   Expr leaky_relu(Expr x, Expr slope) { return select(x > 0.0, x, x * slope); }  // frontend/formulas/
//   implement_pointwise<leaky_relu, at::Tensor(const at::Tensor&, const at::Scalar&)>(m, {"leaky_relu",
//   "leaky_relu.out", "leaky_relu_"});
//
// Tensors broadcast and are converted to their common dtype; what follows is computed in its compute type. Scalars are
// run-time arguments.
#pragma once

#include <ATen/ExpandUtils.h>

#include <tuple>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/elementwise.h>

namespace lineshaft::frontend::formulas {}

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace pointwise_detail {

template <class T>
constexpr bool is_tensor = std::is_same_v<std::decay_t<T>, at::Tensor>;

struct Operands {
  c10::SmallVector<const at::Tensor*, 4> tensors;
  c10::SmallVector<lineshaft::Scalar, 4> scalars;

  explicit Operands(DType common) : common_(common) {}
  void add(const at::Tensor& tensor) { tensors.push_back(&tensor); }
  void add(const c10::Scalar& value) { scalars.push_back(checked_argument(value, common_)); }
  void add(bool value) { scalars.push_back(argument(c10::Scalar(value ? 1 : 0), common_)); }

 private:
  DType common_;
};

inline frontend::ElementwiseOperand operand_of(const at::Tensor& tensor) {
  return frontend::ElementwiseOperand::tensor(dtype_of(tensor.scalar_type()));
}
template <class T>
frontend::ElementwiseOperand operand_of(const T&) {
  return frontend::ElementwiseOperand::exact_number();
}

// formula(arguments...) in the dtype `common`, with the result in the dtype `result`, stored as it is.
template <auto formula, class... A>
ProgramRef program_of(DType common, DType result, DType storage, const A&... arguments) {
  static ProgramCache cache;
  return frontend::elementwise_program(cache, std::array{operand_of(arguments)...}, common, result, storage, formula);
}

}  // namespace pointwise_detail

// out = formula(arguments...) in the dtype `common`, where `out` exists and has the sizes to which the tensors among
// the arguments broadcast.
template <auto formula, class... A>
void pointwise_in(c10::ScalarType common_type, const at::Tensor& out, const A&... arguments) {
  using namespace pointwise_detail;
  DType common = dtype_of(common_type);
  Operands operands(common);
  (operands.add(arguments), ...);
  ProgramRef program = program_of<formula>(common, common, dtype_of(out.scalar_type()), arguments...);
  const at::Tensor* outputs[] = {&out};
  record_map(program, Tensors(outputs), Tensors(operands.tensors), {operands.scalars.data(), operands.scalars.size()});
}

// The same in the dtype of `out`.
template <auto formula, class... A>
void pointwise(const at::Tensor& out, const A&... arguments) {
  pointwise_in<formula>(out.scalar_type(), out, arguments...);
}

// The sizes and the dtype that the tensors among the arguments give together, by PyTorch's type promotion: tensors
// without axes weigh less.
struct PointwiseShape {
  c10::DimVector sizes;
  c10::ScalarType type = c10::ScalarType::Undefined;
  c10::SmallVector<const at::Tensor*, 4> tensors;

  void add(const at::Tensor& tensor);
  template <class T>
  void add(const T&) {}
  at::Tensor make() const { return empty_result(sizes, type, tensors); }
};

template <class... A>
PointwiseShape shape_of(const A&... arguments) {
  PointwiseShape shape;
  (shape.add(arguments), ...);
  return shape;
}

// Throws what PyTorch's CPU kernels throw for integers (`floats`), and for bool.
void require_arithmetic(const PointwiseShape& shape, bool floats);
inline void require_floating(const PointwiseShape& shape) {
  require_arithmetic(shape, true);
}

template <auto formula, bool floats, class Signature>
struct Pointwise;

template <auto formula, bool floats, class First, class... Rest>
struct Pointwise<formula, floats, at::Tensor(First, Rest...)> {
  // PyTorch's functions of one tensor do not cast to `out`, those of several do.
  static constexpr bool kSeveral = (pointwise_detail::is_tensor<Rest> || ...);
  static constexpr Stored kStored = kSeveral ? Stored::kCast : Stored::kExactly;
  static at::Tensor functional(First first, Rest... rest) {
    PointwiseShape shape = shape_of(first, rest...);
    require_arithmetic(shape, floats);
    at::Tensor out = shape.make();
    pointwise<formula>(out, first, rest...);
    return out;
  }
  static at::Tensor& out(First first, Rest... rest, at::Tensor& out) {
    PointwiseShape shape = shape_of(first, rest...);
    require_arithmetic(shape, floats);
    resize_result(out, shape.sizes, shape.type, kStored, shape.tensors);
    pointwise_in<formula>(shape.type, out, first, rest...);
    return out;
  }
  static at::Tensor& in_place(at::Tensor& self, Rest... rest) {
    PointwiseShape shape = shape_of(self, rest...);
    require_arithmetic(shape, floats);
    require_castable(shape.type, self);
    TORCH_CHECK(shape.sizes == self.sizes(), "output with shape ", self.sizes(), " doesn't match the broadcast shape ",
                shape.sizes);
    pointwise_in<formula>(shape.type, self, self, rest...);
    return self;
  }
};

struct PointwiseNames {
  const char* functional;
  const char* out = nullptr;
  const char* in_place = nullptr;
};

template <auto formula, class Signature, bool floats = true>
void implement_pointwise(::torch::Library& library, const PointwiseNames& names) {
  using Kernels = Pointwise<formula, floats, Signature>;
  implement<&Kernels::functional>(library, names.functional);
  if (names.out) implement<&Kernels::out>(library, names.out);
  if (names.in_place) implement<&Kernels::in_place>(library, names.in_place);
}

}  // namespace lineshaft::torch
