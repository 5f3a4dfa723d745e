// Common helpers for oneDNN: the engine, a stream for each device, descriptors of views, and primitive descriptors.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/lru_cache.h"

namespace lineshaft::cpu {

dnnl::engine& onednn_engine();
dnnl::stream& onednn_stream(Context& context);

// oneDNN's data type for f32, bf16, i32, i8 or u8; oneDNN has no others of ours.
dnnl::memory::data_type onednn_type(DType type);

// Whether a oneDNN descriptor can describe the array: the strides are positive and no two elements share memory.
bool is_describable(std::span<const int64_t> sizes, std::span<const int64_t> strides);

// A plain descriptor of sizes and strides. Axes of size 1 get a stride that oneDNN accepts.
dnnl::memory::desc onednn_desc(DType type, std::span<const int64_t> sizes, std::span<const int64_t> strides);

inline dnnl::memory onednn_memory(const dnnl::memory::desc& desc, const void* data) {
  return dnnl::memory(desc, onednn_engine(), const_cast<void*>(data));
}

// Attributes by which primitives use the operation's scratch memory and allocate none.
dnnl::primitive_attr onednn_attributes();

// A primitive descriptor from its arguments, in the order of oneDNN's manual; empty where oneDNN has no implementation.
// oneDNN 2 needs an operation descriptor first, oneDNN 3 does not.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc onednn_primitive(const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), arguments..., onednn_attributes(), true};
#else
  return {typename Primitive::desc(arguments...), onednn_attributes(), onednn_engine(), true};
#endif
}

// The same for a gradient, which also needs the primitive descriptor of the forward pass.
template <class Primitive, class Forward, class... Arguments>
typename Primitive::primitive_desc onednn_gradient(const Forward& forward, const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), arguments..., forward, onednn_attributes(), true};
#else
  return {typename Primitive::desc(arguments...), onednn_attributes(), onednn_engine(), forward, true};
#endif
}

// Whether this processor multiplies bf16 in hardware, accumulating in f32.
bool has_native_bf16();

// `a[M, K] b[K, N]`, row-major with leading dimensions, or transposed; f32. Uses one thread inside a parallel region,
// else all threads.
void sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
           int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

}  // namespace lineshaft::cpu
