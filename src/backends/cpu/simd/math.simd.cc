// Transcendental functions. glibc's vector library serves every element, tails included, so that a result never depends
// on where an element stands; where it is missing, or not accurate enough, each lane takes the scalar function. exp,
// tanh and erf of f32 are our own.
#include <math.h>

#include "backends/cpu/simd/elementary.h"
#include "backends/cpu/simd/special.h"
#include "backends/cpu/simd/vector.h"
#include "backends/cpu/simd/vector_library.h"

namespace lineshaft::cpu {
namespace {

using V32 = Vec<float>;
using V64 = Vec<double>;

#define LINESHAFT_LANEWISE(name)                                                                   \
  template <class T>                                                                               \
  void name##_lanes(const KernelArgs& k) {                                                         \
    for_each<T>(k, [](Vec<T> a) { return lanewise<T>([](T x) { return scalar_##name(x); }, a); }); \
  }
#define LINESHAFT_LANEWISE_PAIR(name)                                                                           \
  template <class T>                                                                                            \
  void name##_lanes(const KernelArgs& k) {                                                                      \
    for_each_pair<T>(                                                                                           \
        k, [](Vec<T> a, Vec<T> b) { return lanewise<T>([](T x, T y) { return scalar_##name(x, y); }, a, b); }); \
  }
#define LINESHAFT_SCALAR(name)            \
  inline float scalar_##name(float x) {   \
    return ::name##f(x);                  \
  }                                       \
  inline double scalar_##name(double x) { \
    return ::name(x);                     \
  }
#define LINESHAFT_SCALAR_PAIR(name)                 \
  inline float scalar_##name(float x, float y) {    \
    return ::name##f(x, y);                         \
  }                                                 \
  inline double scalar_##name(double x, double y) { \
    return ::name(x, y);                            \
  }

#ifdef LINESHAFT_F32
#define LINESHAFT_VECTOR_F64(name)                                        \
  extern "C" V64 LINESHAFT_F64(v, name)(V64);                             \
  void name##_f64(const KernelArgs& k) {                                  \
    for_each<double>(k, [](V64 a) { return LINESHAFT_F64(v, name)(a); }); \
  }
#define LINESHAFT_VECTOR(name)                                           \
  LINESHAFT_VECTOR_F64(name)                                             \
  extern "C" V32 LINESHAFT_F32(v, name)(V32);                            \
  void name##_f32(const KernelArgs& k) {                                 \
    for_each<float>(k, [](V32 a) { return LINESHAFT_F32(v, name)(a); }); \
  }
#define LINESHAFT_VECTOR_PAIR(name)                                                       \
  extern "C" V32 LINESHAFT_F32(vv, name)(V32, V32);                                       \
  extern "C" V64 LINESHAFT_F64(vv, name)(V64, V64);                                       \
  void name##_f32(const KernelArgs& k) {                                                  \
    for_each_pair<float>(k, [](V32 a, V32 b) { return LINESHAFT_F32(vv, name)(a, b); });  \
  }                                                                                       \
  void name##_f64(const KernelArgs& k) {                                                  \
    for_each_pair<double>(k, [](V64 a, V64 b) { return LINESHAFT_F64(vv, name)(a, b); }); \
  }
#else
#define LINESHAFT_VECTOR_F64(name)       \
  LINESHAFT_SCALAR(name)                 \
  LINESHAFT_LANEWISE(name)               \
  void name##_f64(const KernelArgs& k) { \
    name##_lanes<double>(k);             \
  }
#define LINESHAFT_VECTOR(name)           \
  LINESHAFT_VECTOR_F64(name)             \
  void name##_f32(const KernelArgs& k) { \
    name##_lanes<float>(k);              \
  }
#define LINESHAFT_VECTOR_PAIR(name)      \
  LINESHAFT_SCALAR_PAIR(name)            \
  LINESHAFT_LANEWISE_PAIR(name)          \
  void name##_f32(const KernelArgs& k) { \
    name##_lanes<float>(k);              \
  }                                      \
  void name##_f64(const KernelArgs& k) { \
    name##_lanes<double>(k);             \
  }
#endif
#define LINESHAFT_OWN(name)                                 \
  LINESHAFT_VECTOR_F64(name)                                \
  void name##_f32(const KernelArgs& k) {                    \
    for_each<float>(k, [](V32 a) { return name##_of(a); }); \
  }

LINESHAFT_OWN(exp)
LINESHAFT_VECTOR(exp2)
LINESHAFT_VECTOR(expm1)
LINESHAFT_VECTOR(log)
LINESHAFT_VECTOR(log2)
LINESHAFT_VECTOR(log10)
LINESHAFT_VECTOR(log1p)
LINESHAFT_VECTOR(sin)
LINESHAFT_VECTOR(cos)
LINESHAFT_VECTOR(tan)
LINESHAFT_VECTOR(asin)
LINESHAFT_VECTOR(acos)
LINESHAFT_VECTOR(atan)
LINESHAFT_VECTOR(sinh)
LINESHAFT_VECTOR(cosh)
LINESHAFT_OWN(tanh)
LINESHAFT_VECTOR(asinh)
LINESHAFT_VECTOR(acosh)
LINESHAFT_VECTOR(atanh)
LINESHAFT_OWN(erf)
LINESHAFT_VECTOR(erfc)
LINESHAFT_VECTOR_PAIR(pow)
LINESHAFT_VECTOR_PAIR(atan2)
LINESHAFT_VECTOR_PAIR(hypot)

LINESHAFT_SCALAR_PAIR(fmod)
LINESHAFT_LANEWISE_PAIR(fmod)
LINESHAFT_SCALAR_PAIR(nextafter)
LINESHAFT_LANEWISE_PAIR(nextafter)
LINESHAFT_LANEWISE(lgamma)
LINESHAFT_LANEWISE(digamma)
LINESHAFT_LANEWISE(erfinv)

}  // namespace

void LINESHAFT_ISA::fill_math(Kernels& table) {
  auto set = [&](Opcode opcode, Kernel f32, Kernel f64) {
    table.op[static_cast<int>(opcode)][0] = f64;
    table.op[static_cast<int>(opcode)][1] = f32;
  };
  set(Opcode::kExp, exp_f32, exp_f64);
  set(Opcode::kExp2, exp2_f32, exp2_f64);
  set(Opcode::kExpm1, expm1_f32, expm1_f64);
  set(Opcode::kLog, log_f32, log_f64);
  set(Opcode::kLog2, log2_f32, log2_f64);
  set(Opcode::kLog10, log10_f32, log10_f64);
  set(Opcode::kLog1p, log1p_f32, log1p_f64);
  set(Opcode::kSin, sin_f32, sin_f64);
  set(Opcode::kCos, cos_f32, cos_f64);
  set(Opcode::kTan, tan_f32, tan_f64);
  set(Opcode::kAsin, asin_f32, asin_f64);
  set(Opcode::kAcos, acos_f32, acos_f64);
  set(Opcode::kAtan, atan_f32, atan_f64);
  set(Opcode::kSinh, sinh_f32, sinh_f64);
  set(Opcode::kCosh, cosh_f32, cosh_f64);
  set(Opcode::kTanh, tanh_f32, tanh_f64);
  set(Opcode::kAsinh, asinh_f32, asinh_f64);
  set(Opcode::kAcosh, acosh_f32, acosh_f64);
  set(Opcode::kAtanh, atanh_f32, atanh_f64);
  set(Opcode::kErf, erf_f32, erf_f64);
  set(Opcode::kErfc, erfc_f32, erfc_f64);
  set(Opcode::kPow, pow_f32, pow_f64);
  set(Opcode::kAtan2, atan2_f32, atan2_f64);
  set(Opcode::kHypot, hypot_f32, hypot_f64);
  set(Opcode::kRem, fmod_lanes<float>, fmod_lanes<double>);
  set(Opcode::kNextafter, nextafter_lanes<float>, nextafter_lanes<double>);
  set(Opcode::kLgamma, lgamma_lanes<float>, lgamma_lanes<double>);
  set(Opcode::kDigamma, digamma_lanes<float>, digamma_lanes<double>);
  set(Opcode::kErfinv, erfinv_lanes<float>, erfinv_lanes<double>);
}

}  // namespace lineshaft::cpu
