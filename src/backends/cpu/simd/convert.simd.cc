// Casts, and moving tiles between memory and registers: widening, rounding, gathering.
#include "backends/cpu/simd/vector.h"

namespace lineshaft::cpu {
namespace {

// A storage type's element, and how it becomes a compute value and back.
struct HalfBits {
  uint16_t bits;
};
struct BFloatBits {
  uint16_t bits;
};

template <class To>
inline To bits_to(auto value) {
  return __builtin_bit_cast(To, value);
}

inline float widen(HalfBits h) {
  uint32_t magnitude = h.bits & 0x7fffu;
  float scaled = bits_to<float>(magnitude << 13) * 0x1p112f;  // subnormals come out exact
  uint32_t special = (magnitude << 13) | 0x7f800000u;
  special |= magnitude > 0x7c00u ? 0x400000u : 0u;
  uint32_t bits = magnitude >= 0x7c00u ? special : bits_to<uint32_t>(scaled);
  return bits_to<float>(bits | static_cast<uint32_t>(h.bits & 0x8000u) << 16);
}
inline float widen(BFloatBits h) {
  return bits_to<float>(static_cast<uint32_t>(h.bits) << 16);
}
inline int32_t widen(int16_t v) {
  return v;
}
inline int32_t widen(int8_t v) {
  return v;
}
struct Byte {
  uint8_t value;
};
inline int32_t widen(Byte v) {
  return v.value;
}
inline double widen(double v) {
  return v;
}
inline float widen(float v) {
  return v;
}
inline int64_t widen(int64_t v) {
  return v;
}
inline int32_t widen(int32_t v) {
  return v;
}
// Any byte but 0 is true; kernels take 1 for it.
struct BoolByte {
  uint8_t value;
};
inline uint8_t widen(BoolByte v) {
  return v.value != 0;
}

inline void narrow_to(HalfBits& out, float value) {
  uint32_t bits = bits_to<uint32_t>(value), magnitude = bits & 0x7fffffffu;
  uint32_t normal = (magnitude + 0xc8000fffu + ((magnitude >> 13) & 1u)) >> 13;
  uint32_t subnormal = bits_to<uint32_t>(bits_to<float>(magnitude) + 0.5f) - 0x3f000000u;
  uint32_t result = magnitude < 0x38800000u ? subnormal : normal;
  result = magnitude >= 0x477ff000u ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? 0x7e00u : result;
  out.bits = static_cast<uint16_t>(result | ((bits >> 16) & 0x8000u));
}
inline void narrow_to(BFloatBits& out, float value) {
  uint32_t bits = bits_to<uint32_t>(value);
  uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  uint32_t nan = 0x7fc0u | ((bits >> 16) & 0x8000u);
  out.bits = static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? nan : rounded);
}
inline void narrow_to(int16_t& out, int32_t value) {
  out = static_cast<int16_t>(value);
}
inline void narrow_to(int8_t& out, int32_t value) {
  out = static_cast<int8_t>(value);
}
inline void narrow_to(Byte& out, int32_t value) {
  out.value = static_cast<uint8_t>(value);
}
inline void narrow_to(BoolByte& out, uint8_t value) {
  out.value = value;
}
template <class T>
inline void narrow_to(T& out, T value) {
  out = value;
}

template <class S>
using Wide = decltype(widen(S{}));

// n contiguous elements.
template <class S>
inline void widen_run(Wide<S>* __restrict out, const S* __restrict in, int64_t n) {
  int64_t i = 0;
#if LINESHAFT_ISA_LEVEL == 2
  if constexpr (__is_same(S, HalfBits))
    for (; i + 16 <= n; i += 16)
      _mm512_storeu_ps(out + i, _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i))));
#elif LINESHAFT_ISA_LEVEL == 1
  if constexpr (__is_same(S, HalfBits))
    for (; i + 8 <= n; i += 8)
      _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i))));
#endif
  for (; i < n; ++i) out[i] = widen(in[i]);
}

template <class S>
inline void narrow_run(S* __restrict out, const Wide<S>* __restrict in, int64_t n) {
  int64_t i = 0;
#if LINESHAFT_ISA_LEVEL == 2
  // NaN payloads are left to the scalar conversion, which all instruction sets share.
  if constexpr (__is_same(S, HalfBits))
    for (; i + 16 <= n; i += 16) {
      __m512 v = _mm512_loadu_ps(in + i);
      if (_mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q)) [[unlikely]]
        for (int l = 0; l < 16; ++l) narrow_to(out[i + l], in[i + l]);
      else
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
    }
#elif LINESHAFT_ISA_LEVEL == 1
  if constexpr (__is_same(S, HalfBits))
    for (; i + 8 <= n; i += 8) {
      __m256 v = _mm256_loadu_ps(in + i);
      if (_mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q))) [[unlikely]]
        for (int l = 0; l < 8; ++l) narrow_to(out[i + l], in[i + l]);
      else
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
    }
#endif
  for (; i < n; ++i) narrow_to(out[i], in[i]);
}

// Four by four words: column j of the result comes from `data + j * stride`.
inline void transpose_words(uint32_t* tile, int64_t cols, const uint32_t* data, int64_t stride) {
  typedef uint32_t Quad __attribute__((vector_size(16)));
  Quad q[4];
  for (int j = 0; j < 4; ++j) __builtin_memcpy(&q[j], data + j * stride, sizeof(Quad));
  Quad a = __builtin_shufflevector(q[0], q[1], 0, 4, 1, 5), b = __builtin_shufflevector(q[0], q[1], 2, 6, 3, 7);
  Quad c = __builtin_shufflevector(q[2], q[3], 0, 4, 1, 5), d = __builtin_shufflevector(q[2], q[3], 2, 6, 3, 7);
  Quad rows[4] = {__builtin_shufflevector(a, c, 0, 1, 4, 5), __builtin_shufflevector(a, c, 2, 3, 6, 7),
                  __builtin_shufflevector(b, d, 0, 1, 4, 5), __builtin_shufflevector(b, d, 2, 3, 6, 7)};
  for (int r = 0; r < 4; ++r) __builtin_memcpy(tile + r * cols, &rows[r], sizeof(Quad));
}

constexpr int64_t kTransposeBlock = 16;

template <class D, class S, class F>
inline void gather_block(D* tile, const S* data, const BlockArgs& b, F run) {
  if (b.col_stride == 1) {
    if (b.rows == 1 || b.row_stride == b.cols) return run(tile, data, b.rows * b.cols);
    for (int64_t r = 0; r < b.rows; ++r) run(tile + r * b.cols, data + r * b.row_stride, b.cols);
    return;
  }
  auto one = [](S value) {
    D result;
    if constexpr (__is_same(D, S))
      result = value;
    else
      result = widen(value);
    return result;
  };
  if (b.col_stride == 0) {
    for (int64_t r = 0; r < b.rows; ++r) {
      D value = one(data[r * b.row_stride]);
      for (int64_t c = 0; c < b.cols; ++c) tile[r * b.cols + c] = value;
    }
    return;
  }
  if (b.row_stride == 1 && b.rows > 1) {
    for (int64_t r0 = 0; r0 < b.rows; r0 += kTransposeBlock) {
      int64_t r1 = r0 + kTransposeBlock < b.rows ? r0 + kTransposeBlock : b.rows;
      int64_t c = 0;
      if constexpr (sizeof(S) == 4 && __is_same(D, S)) {
        for (; c + 4 <= b.cols; c += 4) {
          const S* from = data + c * b.col_stride;
          int64_t r = r0;
          for (; r + 4 <= r1; r += 4)
            transpose_words(reinterpret_cast<uint32_t*>(tile + r * b.cols + c), b.cols,
                            reinterpret_cast<const uint32_t*>(from + r), b.col_stride);
          for (; r < r1; ++r)
            for (int j = 0; j < 4; ++j) tile[r * b.cols + c + j] = from[r + j * b.col_stride];
        }
      }
      for (; c < b.cols; ++c)
        for (int64_t r = r0; r < r1; ++r) tile[r * b.cols + c] = one(data[r + c * b.col_stride]);
    }
    return;
  }
  for (int64_t r = 0; r < b.rows; ++r)
    for (int64_t c = 0; c < b.cols; ++c) tile[r * b.cols + c] = one(data[r * b.row_stride + c * b.col_stride]);
}

template <class S>
void load_block(const BlockArgs& b) {
  gather_block(static_cast<Wide<S>*>(b.tile), static_cast<const S*>(b.data), b, widen_run<S>);
}

template <class S>
void copy_block(const BlockArgs& b) {
  gather_block(static_cast<S*>(b.tile), static_cast<const S*>(b.data), b,
               [](S* out, const S* in, int64_t n) { __builtin_memcpy(out, in, n * sizeof(S)); });
}

template <class S>
void store_block(const BlockArgs& b) {
  auto* tile = static_cast<const Wide<S>*>(b.tile);
  auto* data = static_cast<S*>(b.data);
  if (b.col_stride == 1) {
    if (b.rows == 1 || b.row_stride == b.cols) return narrow_run<S>(data, tile, b.rows * b.cols);
    for (int64_t r = 0; r < b.rows; ++r) narrow_run<S>(data + r * b.row_stride, tile + r * b.cols, b.cols);
    return;
  }
  for (int64_t r = 0; r < b.rows; ++r)
    for (int64_t c = 0; c < b.cols; ++c) narrow_to(data[r * b.row_stride + c * b.col_stride], tile[r * b.cols + c]);
}

template <class S>
void narrow(const KernelArgs& k) {
  auto* out = static_cast<Wide<S>*>(k.out);
  auto* in = static_cast<const Wide<S>*>(k.a);
  constexpr int64_t kRun = 256;
  S stored[kRun];
  for (int64_t i = 0; i < k.n; i += kRun) {
    int64_t n = k.n - i < kRun ? k.n - i : kRun;
    narrow_run<S>(stored, in + i, n);
    widen_run<S>(out + i, stored, n);
  }
}

// Toward zero; NaN and what To does not reach give its smallest value, as the processor's own conversion has it. In two
// loops, each of which the compiler takes a vector at a time.
template <class From, class To>
void truncate(To* out, const From* in, int64_t count) {
  constexpr auto kLeast = static_cast<From>(static_cast<To>(uint64_t{1} << (8 * sizeof(To) - 1)));
  constexpr int64_t kRun = 256;
  From reached[kRun];
  for (int64_t i = 0; i < count; i += kRun) {
    int64_t n = count - i < kRun ? count - i : kRun;
    for (int64_t j = 0; j < n; ++j) reached[j] = ((in[i + j] >= kLeast) & (in[i + j] < -kLeast)) ? in[i + j] : kLeast;
    for (int64_t j = 0; j < n; ++j) out[i + j] = static_cast<To>(reached[j]);
  }
}

// Bool is 0 or 1; a number casts to it as != 0.
template <class From, class To>
void cast(const KernelArgs& k) {
  auto* out = static_cast<To*>(k.out);
  auto* in = static_cast<const From*>(k.a);
  if constexpr (sizeof(To) > 1 && kIsFloat<From> && !kIsFloat<To>) return truncate(out, in, k.n);
  for (int64_t i = 0; i < k.n; ++i) {
    if constexpr (sizeof(To) == 1)
      out[i] = in[i] != 0;
    else
      out[i] = static_cast<To>(in[i]);
  }
}

template <class T>
void copy(const KernelArgs& k) {
  for_each<T>(k, [](Vec<T> a) { return a; });
}

template <class From>
void fill_casts(Kernels& table, int from) {
  table.cast[from][0] = cast<From, double>;
  table.cast[from][1] = cast<From, float>;
  table.cast[from][2] = cast<From, int64_t>;
  table.cast[from][3] = cast<From, int32_t>;
  table.cast[from][4] = cast<From, uint8_t>;
}

template <class S>
void fill_storage(Kernels& table, DType type) {
  int at = static_cast<int>(type);
  table.load[at] = load_block<S>;
  table.store[at] = store_block<S>;
  table.copy[at] = copy_block<S>;
  table.narrow[at] = narrow<S>;
}

}  // namespace

void LINESHAFT_ISA::fill_convert(Kernels& table) {
  fill_casts<double>(table, 0);
  fill_casts<float>(table, 1);
  fill_casts<int64_t>(table, 2);
  fill_casts<int32_t>(table, 3);
  fill_casts<uint8_t>(table, 4);
  fill_storage<double>(table, DType::kF64);
  fill_storage<float>(table, DType::kF32);
  fill_storage<HalfBits>(table, DType::kF16);
  fill_storage<BFloatBits>(table, DType::kBF16);
  fill_storage<int64_t>(table, DType::kI64);
  fill_storage<int32_t>(table, DType::kI32);
  fill_storage<int16_t>(table, DType::kI16);
  fill_storage<int8_t>(table, DType::kI8);
  fill_storage<Byte>(table, DType::kU8);
  fill_storage<BoolByte>(table, DType::kBool);
  table.copy_value[0] = table.copy_value[2] = copy<int64_t>;
  table.copy_value[1] = table.copy_value[3] = copy<int32_t>;
  table.copy_value[4] = copy<uint8_t>;
}

}  // namespace lineshaft::cpu
