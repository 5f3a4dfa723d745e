// Operators that PyTorch calls structured: PyTorch's own meta function checks the arguments, with PyTorch's own
// messages, and gives the results their sizes, strides and dtypes; what is left to write is the body.
//
//   void softmax(Results out, const at::Tensor& self, int64_t dim, bool half_to_float) { ... fills out[0] ... }
//   implement_structured<at::meta::structured__softmax, 1, &softmax>(m, "_softmax", "_softmax.out");
//
// registers both the functional operator and the one that takes its results. An operator that PyTorch calls structured
// and that is registered by its out form alone is checked by PyTorch where it is called without `out`, and only there.
#pragma once

#include <ATen/TensorIterator.h>
#include <ATen/core/Tensor.h>

#include <array>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"

// Until 2.12 results had names.
#if __has_include(<ATen/core/Dimname.h>)
#define LINESHAFT_NAMES(names) , names
#else
#define LINESHAFT_NAMES(names)
#endif

namespace lineshaft::torch {

using Results = const at::Tensor*;

namespace structured {

template <class Meta, int count>
class Op final : public Meta {
 public:
  Op() = default;
  explicit Op(std::array<at::Tensor, count> given) : results_(std::move(given)), given_(true) {}

  void set_output_strided(int64_t number, c10::IntArrayRef sizes, c10::IntArrayRef strides,
                          c10::TensorOptions options LINESHAFT_NAMES(at::DimnameList names)) override {
    set_output_raw_strided(number, sizes, strides, options LINESHAFT_NAMES(names));
  }
  void set_output_raw_strided(int64_t number, c10::IntArrayRef sizes, c10::IntArrayRef strides,
                              c10::TensorOptions options LINESHAFT_NAMES(at::DimnameList names)) override {
    at::Tensor& result = results_[number];
    if (given_ && result.defined()) {
      resize(result, sizes, strides, options);
    } else {
      c10::DeviceIndex device = index_or_current(options.device().index());
      auto type = c10::typeMetaToScalarType(options.dtype());
      result = strides.empty()
                   ? empty(sizes, type, device, options.memory_format_opt().value_or(c10::MemoryFormat::Contiguous))
                   : empty_strided(sizes, strides, type, device);
    }
    if constexpr (std::is_base_of_v<at::TensorIteratorBase, Meta>)
      Meta::set_output_raw_strided(number, sizes, strides, options LINESHAFT_NAMES(names));
  }
  const at::Tensor& maybe_get_output(int64_t number) override { return results_[number]; }
  std::array<at::Tensor, count>& results() { return results_; }

 private:
  static void resize(const at::Tensor& result, c10::IntArrayRef sizes, c10::IntArrayRef strides,
                     const c10::TensorOptions& options) {
    bool fits = result.sizes() == sizes;
    resize_out(result, sizes, c10::typeMetaToScalarType(options.dtype()));
    if (fits) return;
    if (!strides.empty())
      result.as_strided_(sizes, strides);
    else if (auto format = options.memory_format_opt())
      result.unsafeGetTensorImpl()->empty_tensor_restride(*format);
  }

  std::array<at::Tensor, count> results_;
  bool given_ = false;
};

// Meta functions take optional tensors as references.
template <class T>
const T& meta_argument(const T& value) {
  return value;
}
inline at::OptionalTensorRef meta_argument(const OptionalTensor& value) {
  return present(value) ? at::OptionalTensorRef(*value) : at::OptionalTensorRef();
}

template <int>
using Result = at::Tensor&;

template <class Meta, int count, auto body, class Numbers = std::make_integer_sequence<int, count>>
struct Kernels;

template <class Meta, int count, class... A, void (*body)(Results, A...), int... i>
struct Kernels<Meta, count, body, std::integer_sequence<int, i...>> {
  static auto functional(A... arguments) {
    Op<Meta, count> op;
    op.meta(meta_argument(arguments)...);
    body(op.results().data(), arguments...);
    if constexpr (count == 1)
      return std::move(op.results()[0]);
    else
      return std::make_tuple(std::move(op.results()[i])...);
  }
  static auto out(A... arguments, Result<i>... given)
      -> std::conditional_t<count == 1, at::Tensor&, std::tuple<Result<i>...>> {
    Op<Meta, count> op({given...});
    op.meta(meta_argument(arguments)...);
    body(op.results().data(), arguments...);
    if constexpr (count == 1)
      return (given, ...);
    else
      return {given...};
  }
};

// A kernel f(arguments..., Tensor& out) as a body.
template <auto f, class All, class Numbers>
struct Filling;
template <auto f, class... All, size_t... i>
struct Filling<f, std::tuple<All...>, std::index_sequence<i...>> {
  static void body(Results out, std::tuple_element_t<i, std::tuple<All...>>... arguments) {
    at::Tensor result = out[0];
    f(arguments..., result);
  }
};
template <auto f>
struct BodyOf;
template <class... All, at::Tensor& (*f)(All...)>
struct BodyOf<f> : Filling<f, std::tuple<All...>, std::make_index_sequence<sizeof...(All) - 1>> {};

}  // namespace structured

template <class Meta, int count, auto body, Dtypes dtypes = Dtypes::kAny>
void implement_structured(::torch::Library& library, const char* functional, const char* out) {
  using Kernels = structured::Kernels<Meta, count, body>;
  implement<&Kernels::functional, dtypes>(library, functional);
  implement<&Kernels::out, dtypes>(library, out);
}

// The same for a kernel that takes its one result as its last argument.
template <class Meta, auto f>
void implement_checked(::torch::Library& library, const char* functional, const char* out) {
  implement_structured<Meta, 1, &structured::BodyOf<f>::body>(library, functional, out);
}

}  // namespace lineshaft::torch
