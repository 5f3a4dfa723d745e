// Operators that are one formula over tensors and scalars in any order, as activations and losses are:
//
//   constexpr auto leaky_relu = [](Expr x, Expr slope) { return select(x > 0.0, x, x * slope); };
//   implement_pointwise<leaky_relu, at::Tensor(const at::Tensor&, const at::Scalar&)>(m, {"leaky_relu",
//   "leaky_relu.out", "leaky_relu_"});
//
// Tensors broadcast; everything is computed in the compute type of the result. Scalars are run-time arguments.
#pragma once

#include <ATen/ExpandUtils.h>

#include <tuple>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"

namespace lineshaft::frontend {

namespace pointwise_detail {

template <class T>
constexpr bool is_tensor = std::is_same_v<std::decay_t<T>, at::Tensor>;

struct Operands {
  c10::SmallVector<const at::Tensor*, 4> tensors;
  c10::SmallVector<lineshaft::Scalar, 4> scalars;
  uint64_t key;

  explicit Operands(DType result) : key(key_of(result)), compute_(compute_type(result)) {}
  void add(const at::Tensor& tensor) {
    tensors.push_back(&tensor);
    key = key << 4 | static_cast<uint64_t>(dtype_of(tensor.scalar_type()));
  }
  void add(const c10::Scalar& value) { scalars.push_back(argument(value, compute_)); }
  void add(bool value) { scalars.push_back(argument(c10::Scalar(value ? 1 : 0), compute_)); }

 private:
  DType compute_;
};

inline Expr load(ProgramBuilder& p, DType compute, const at::Tensor& tensor) {
  DType type = dtype_of(tensor.scalar_type());
  return convert(p.input(type), compute_type(type), compute);
}
template <class T>
Expr load(ProgramBuilder& p, DType compute, const T&) {
  return p.arg(compute);
}

}  // namespace pointwise_detail

// out = formula(arguments...), where `out` exists and has the sizes to which the tensors among the arguments broadcast.
template <auto formula, class... A>
void pointwise(const at::Tensor& out, const A&... arguments) {
  using namespace pointwise_detail;
  static ProgramCache cache;
  DType type = dtype_of(out.scalar_type()), compute = compute_type(type);
  Operands operands(type);
  (operands.add(arguments), ...);
  ProgramRef program = cache.get(operands.key, [&](ProgramBuilder& p) {
    std::array<Expr, sizeof...(A)> values{load(p, compute, arguments)...};
    p.output(std::apply(formula, values), type);
  });
  const at::Tensor* outputs[] = {&out};
  record_map(program, Tensors(outputs), Tensors(operands.tensors), {operands.scalars.data(), operands.scalars.size()});
}

// The sizes and the dtype that the tensors among the arguments give together.
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

// Throws what PyTorch's CPU kernels throw for integers.
void require_floating(const PointwiseShape& shape);

template <auto formula, bool floats, class Signature>
struct Pointwise;

template <auto formula, bool floats, class First, class... Rest>
struct Pointwise<formula, floats, at::Tensor(First, Rest...)> {
  static at::Tensor functional(First first, Rest... rest) {
    PointwiseShape shape = shape_of(first, rest...);
    if constexpr (floats) require_floating(shape);
    at::Tensor out = shape.make();
    pointwise<formula>(out, first, rest...);
    return out;
  }
  static at::Tensor& out(First first, Rest... rest, at::Tensor& out) {
    PointwiseShape shape = shape_of(first, rest...);
    if constexpr (floats) require_floating(shape);
    require_castable(shape.type, out);
    resize_out(out, shape.sizes);
    pointwise<formula>(out, first, rest...);
    return out;
  }
  static at::Tensor& in_place(at::Tensor& self, Rest... rest) {
    if constexpr (floats) require_floating(shape_of(self, rest...));
    pointwise<formula>(self, self, rest...);
    return self;
  }
};

struct PointwiseNames {
  const char* functional;
  const char* out = nullptr;
  const char* in_place = nullptr;
};

template <auto formula, class Signature, bool floats = true>
void implement_pointwise(torch::Library& library, const PointwiseNames& names) {
  using Kernels = Pointwise<formula, floats, Signature>;
  implement<&Kernels::functional>(library, names.functional);
  if (names.out) implement<&Kernels::out>(library, names.out);
  if (names.in_place) implement<&Kernels::in_place>(library, names.in_place);
}

}  // namespace lineshaft::frontend
