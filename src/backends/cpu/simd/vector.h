// Vectors of the instruction set this file is compiled for. Everything here has internal linkage: one translation unit
// is compiled once for each instruction set, and none of its functions may serve another.
#pragma once

#include <cstddef>
#include <cstdint>

#if LINESHAFT_ISA_LEVEL > 0 || defined(__SSE2__)
#include <immintrin.h>
#endif

#include "backends/cpu/simd/kernels.h"

#if LINESHAFT_ISA_LEVEL == 2
#define LINESHAFT_ISA avx512
#elif LINESHAFT_ISA_LEVEL == 1
#define LINESHAFT_ISA avx2
#else
#define LINESHAFT_ISA baseline
#endif

namespace lineshaft::cpu {
namespace {

inline constexpr int kVectorBytes = 16 << LINESHAFT_ISA_LEVEL;

template <class T, int kBytes = kVectorBytes>
struct VectorOf {
  typedef T type __attribute__((vector_size(kBytes)));
};
template <class T>
using Vec = typename VectorOf<T>::type;
template <class T>
inline constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));

template <int kSize>
struct IntOfSize;
template <>
struct IntOfSize<1> {
  using s = int8_t;
  using u = uint8_t;
};
template <>
struct IntOfSize<4> {
  using s = int32_t;
  using u = uint32_t;
};
template <>
struct IntOfSize<8> {
  using s = int64_t;
  using u = uint64_t;
};
template <class T>
using Signed = typename IntOfSize<sizeof(T)>::s;
template <class T>
using Unsigned = typename IntOfSize<sizeof(T)>::u;

// `kLanes<T>` bytes: what a comparison of T gives.
template <class T>
using Bytes = typename VectorOf<uint8_t, kLanes<T>>::type;

template <class T>
inline Vec<T> load(const T* p) {
  Vec<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
inline void store(T* p, Vec<T> v) {
  __builtin_memcpy(p, &v, sizeof v);
}
template <class T>
inline Vec<T> splat(T value) {
  return value - Vec<T>{};
}

// The first `count` elements; the other lanes repeat the last of them, so that they raise no special case of their own.
template <class T>
inline Vec<T> load_part(const T* p, int count) {
  alignas(kVectorBytes) T lanes[kLanes<T>];
  for (int i = 0; i < kLanes<T>; ++i) lanes[i] = p[i < count ? i : count - 1];
  return load(lanes);
}
template <class T>
inline void store_part(T* p, Vec<T> v, int count) {
  alignas(kVectorBytes) T lanes[kLanes<T>];
  store(lanes, v);
  for (int i = 0; i < count; ++i) p[i] = lanes[i];
}

template <class T>
inline Bytes<T> load_bytes(const uint8_t* p) {
  Bytes<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

// Reinterprets the bits of a vector.
template <class To, class From>
inline To as(From v) {
  static_assert(sizeof(To) == sizeof(From));
  return reinterpret_cast<To>(v);
}

// A comparison's lanes (0 or -1) as bool bytes.
template <class T>
inline Bytes<T> to_bytes(Vec<Signed<T>> mask) {
  typedef int8_t S __attribute__((vector_size(kLanes<T>)));
  if constexpr (sizeof(T) == 1) {
    return as<Bytes<T>>(mask) & 1;
  } else {
    return reinterpret_cast<Bytes<T>>(__builtin_convertvector(mask, S)) & 1;
  }
}
template <class T>
inline Vec<Signed<T>> to_mask(Bytes<T> bytes) {
  if constexpr (sizeof(T) == 1) {
    return bytes != 0;
  } else {
    return __builtin_convertvector(bytes, Vec<Signed<T>>) != 0;
  }
}

// Runs f over a tile: out[i] = f(a[i]), f(a[i], b[i]).
template <class T, class F>
inline void for_each(const KernelArgs& k, F f) {
  auto* out = static_cast<T*>(k.out);
  auto* a = static_cast<const T*>(k.a);
  const ptrdiff_t step = k.splat & 1 ? 0 : kLanes<T>;
  int64_t i = 0;
#pragma GCC unroll 4
  for (; i + kLanes<T> <= k.n; i += kLanes<T>, a += step) store(out + i, f(load(a)));
  if (i == k.n) return;
  int rest = static_cast<int>(k.n - i);
  store_part(out + i, f(step ? load_part(a, rest) : load(a)), rest);
}

template <bool splat_a, bool splat_b, class T, class F>
inline void pair_loop(const KernelArgs& k, F f) {
  auto* out = static_cast<T*>(k.out);
  auto* a = static_cast<const T*>(k.a);
  auto* b = static_cast<const T*>(k.b);
  Vec<T> x{}, y{};
  if constexpr (splat_a) x = load(a);
  if constexpr (splat_b) y = load(b);
  int64_t i = 0;
#pragma GCC unroll 4
  for (; i + kLanes<T> <= k.n; i += kLanes<T>) {
    if constexpr (!splat_a) x = load(a + i);
    if constexpr (!splat_b) y = load(b + i);
    store(out + i, f(x, y));
  }
  if (i == k.n) return;
  int rest = static_cast<int>(k.n - i);
  if constexpr (!splat_a) x = load_part(a + i, rest);
  if constexpr (!splat_b) y = load_part(b + i, rest);
  store_part(out + i, f(x, y), rest);
}

template <class T, class F>
inline void for_each_pair(const KernelArgs& k, F f) {
  switch (k.splat & 3) {
    case 0:
      return pair_loop<false, false, T>(k, f);
    case 1:
      return pair_loop<true, false, T>(k, f);
    case 2:
      return pair_loop<false, true, T>(k, f);
    default:
      return pair_loop<true, true, T>(k, f);
  }
}

// Applies a scalar function to each lane.
template <class T, class F>
inline Vec<T> lanewise(F f, Vec<T> a) {
  Vec<T> r;
  for (int i = 0; i < kLanes<T>; ++i) r[i] = f(a[i]);
  return r;
}
template <class T, class F>
inline Vec<T> lanewise(F f, Vec<T> a, Vec<T> b) {
  Vec<T> r;
  for (int i = 0; i < kLanes<T>; ++i) r[i] = f(a[i], b[i]);
  return r;
}

template <class T>
inline constexpr bool kIsFloat = static_cast<T>(0.5) != T{};

inline Vec<float> sqrt_of(Vec<float> v) {
#if LINESHAFT_ISA_LEVEL == 2
  return _mm512_sqrt_ps(v);
#elif LINESHAFT_ISA_LEVEL == 1
  return _mm256_sqrt_ps(v);
#else
  return lanewise<float>([](float x) { return __builtin_sqrtf(x); }, v);
#endif
}
inline Vec<double> sqrt_of(Vec<double> v) {
#if LINESHAFT_ISA_LEVEL == 2
  return _mm512_sqrt_pd(v);
#elif LINESHAFT_ISA_LEVEL == 1
  return _mm256_sqrt_pd(v);
#else
  return lanewise<double>([](double x) { return __builtin_sqrt(x); }, v);
#endif
}

}  // namespace
}  // namespace lineshaft::cpu
