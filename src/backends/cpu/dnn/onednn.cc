#include "backends/cpu/dnn/onednn.h"

#include <algorithm>

namespace lineshaft::cpu {

dnnl::engine& onednn_engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& onednn_stream(Context& context) {
  struct OfDevice {
    dnnl::stream stream{onednn_engine()};
  };
  return context.kept<OfDevice>().stream;
}

dnnl::memory::data_type onednn_type(DType type) {
  switch (type) {
    case DType::kF32:
      return dnnl::memory::data_type::f32;
    case DType::kBF16:
      return dnnl::memory::data_type::bf16;
    case DType::kI32:
      return dnnl::memory::data_type::s32;
    case DType::kI8:
      return dnnl::memory::data_type::s8;
    case DType::kU8:
      return dnnl::memory::data_type::u8;
    default:
      fail(ErrorCode::kInternal, "oneDNN computes no ", name_of(type),
           "; only floats of 32 and 16 bits are given to it");
  }
}

bool is_describable(std::span<const int64_t> sizes, std::span<const int64_t> strides) {
  int64_t reach = 1;
  std::array<bool, kMaxRank> done{};
  for (size_t round = 0; round < sizes.size(); ++round) {  // by ascending stride
    int next = -1;
    for (size_t i = 0; i < sizes.size(); ++i)
      if (!done[i] && sizes[i] > 1 && (next < 0 || strides[i] < strides[next])) next = static_cast<int>(i);
    if (next < 0) break;
    if (strides[next] < reach) return false;
    reach = strides[next] * sizes[next];
    done[next] = true;
  }
  return true;
}

dnnl::memory::desc onednn_desc(DType type, std::span<const int64_t> sizes, std::span<const int64_t> strides) {
  dnnl::memory::dims dims(sizes.begin(), sizes.end()), steps(strides.begin(), strides.end());
  int64_t reach = 1;
  for (size_t i = 0; i < dims.size(); ++i)
    if (dims[i] > 1) reach = std::max(reach, dims[i] * steps[i]);
  for (size_t i = 0; i < dims.size(); ++i)
    if (dims[i] == 1) steps[i] = std::max<int64_t>(i + 1 < dims.size() ? steps[i] : 1, 1);
  return dnnl::memory::desc(dims, onednn_type(type), steps);
}

dnnl::primitive_attr onednn_attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

bool has_native_bf16() {
  static const bool native = dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core_bf16;
  return native;
}

void sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
           int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  auto status =
      dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  if (status != dnnl_success)
    fail(ErrorCode::kInternal, "oneDNN refuses a product of ", m, " x ", k, " by ", k, " x ", n,
         " with leading dimensions of ", lda, ", ", ldb, " and ", ldc);
}

}  // namespace lineshaft::cpu
