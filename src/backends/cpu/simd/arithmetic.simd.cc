// Arithmetic, bits, comparisons, selection and Philox.
#include "backends/cpu/simd/vector.h"

namespace lineshaft::cpu {
namespace {

template <class T>
Vec<T> absolute(Vec<T> a) {
  if constexpr (kIsFloat<T>) {
    using U = Vec<Unsigned<T>>;
    return as<Vec<T>>(as<U>(a) & splat(static_cast<Unsigned<T>>(~Unsigned<T>{0} >> 1)));
  } else {
    return a < 0 ? -a : a;
  }
}

template <class T>
Vec<T> copy_sign(Vec<T> magnitude, Vec<T> sign) {
  using U = Vec<Unsigned<T>>;
  U bit = splat(static_cast<Unsigned<T>>(Unsigned<T>{1} << (sizeof(T) * 8 - 1)));
  return as<Vec<T>>((as<U>(magnitude) & ~bit) | (as<U>(sign) & bit));
}

// Half to even. Adding and taking away 2^mantissa drops the fraction; the sign of zero is the argument's.
template <class T>
Vec<T> round_even(Vec<T> a) {
  Vec<T> big = splat(static_cast<T>(sizeof(T) == 4 ? 0x1p23 : 0x1p52));
  Vec<T> magnitude = absolute<T>(a);
  Vec<T> rounded = copy_sign<T>((magnitude + big) - big, a);
  return magnitude < big ? rounded : a;
}

template <class T>
T divide(T a, T b) {
  return b == 0 ? 0 : b == -1 ? -a : a / b;
}
template <class T>
T remainder(T a, T b) {
  return b == 0 || b == -1 ? 0 : a % b;
}
template <class T>
T power(T base, T exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
  T result = 1;
  for (; exponent; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

#define LINESHAFT_UNARY(Name, expression)                          \
  template <class T>                                               \
  void Name(const KernelArgs& k) {                                 \
    for_each<T>(k, [](Vec<T> a) -> Vec<T> { return expression; }); \
  }
#define LINESHAFT_BINARY(Name, expression)                                        \
  template <class T>                                                              \
  void Name(const KernelArgs& k) {                                                \
    for_each_pair<T>(k, [](Vec<T> a, Vec<T> b) -> Vec<T> { return expression; }); \
  }

LINESHAFT_UNARY(neg, -a)
LINESHAFT_UNARY(abs, absolute<T>(a))
LINESHAFT_BINARY(add, a + b)
LINESHAFT_BINARY(sub, a - b)
LINESHAFT_BINARY(mul, a* b)
LINESHAFT_BINARY(div_float, a / b)
LINESHAFT_BINARY(div_int, lanewise<T>(divide<T>, a, b))
LINESHAFT_BINARY(rem_int, lanewise<T>(remainder<T>, a, b))
LINESHAFT_BINARY(pow_int, lanewise<T>(power<T>, a, b))
LINESHAFT_BINARY(min, ((a < b) | (a != a)) ? a : b)
LINESHAFT_BINARY(max, ((a > b) | (a != a)) ? a : b)
LINESHAFT_BINARY(copysign, copy_sign<T>(a, b))
LINESHAFT_UNARY(round, round_even<T>(a))
LINESHAFT_UNARY(sqrt, sqrt_of(a))
LINESHAFT_UNARY(rsqrt, static_cast<T>(1) / sqrt_of(a))
LINESHAFT_UNARY(bit_not, ~a)
LINESHAFT_UNARY(bool_not, a ^ static_cast<T>(1))
LINESHAFT_BINARY(bit_and, a& b)
LINESHAFT_BINARY(bit_or, a | b)
LINESHAFT_BINARY(bit_xor, a ^ b)

template <class T>
void sign(const KernelArgs& k) {
  for_each<T>(k, [](Vec<T> a) -> Vec<T> {
    Vec<T> one = splat(T{1}), zero{};
    Vec<T> result = a > 0 ? one : zero;
    result = a < 0 ? -one : result;
    return a != a ? a : result;
  });
}
template <class T>
void floor(const KernelArgs& k) {
  for_each<T>(k, [](Vec<T> a) -> Vec<T> {
    Vec<T> r = round_even<T>(a);
    return copy_sign<T>(r > a ? r - 1 : r, a);
  });
}
template <class T>
void ceil(const KernelArgs& k) {
  for_each<T>(k, [](Vec<T> a) -> Vec<T> {
    Vec<T> r = round_even<T>(a);
    return copy_sign<T>(r < a ? r + 1 : r, a);
  });
}
template <class T>
void trunc(const KernelArgs& k) {
  for_each<T>(k, [](Vec<T> a) -> Vec<T> {
    Vec<T> magnitude = absolute<T>(a);
    Vec<T> r = round_even<T>(magnitude);
    return copy_sign<T>(r > magnitude ? r - 1 : r, a);
  });
}

template <class T>
void shl(const KernelArgs& k) {
  using U = Vec<Unsigned<T>>;
  for_each_pair<T>(k, [](Vec<T> a, Vec<T> b) -> Vec<T> {
    constexpr Unsigned<T> kBits = sizeof(T) * 8;
    return as<U>(b) < kBits ? as<Vec<T>>(as<U>(a) << (as<U>(b) & (kBits - 1))) : Vec<T>{};
  });
}
template <class T>
void shr(const KernelArgs& k) {
  using U = Vec<Unsigned<T>>;
  for_each_pair<T>(k, [](Vec<T> a, Vec<T> b) -> Vec<T> {
    constexpr Unsigned<T> kBits = sizeof(T) * 8;
    return a >> (as<U>(b) < kBits ? b : splat(static_cast<T>(kBits - 1)));
  });
}
template <class T>
void shr_logical(const KernelArgs& k) {
  using U = Vec<Unsigned<T>>;
  for_each_pair<T>(k, [](Vec<T> a, Vec<T> b) -> Vec<T> {
    constexpr Unsigned<T> kBits = sizeof(T) * 8;
    return as<U>(b) < kBits ? as<Vec<T>>(as<U>(a) >> (as<U>(b) & (kBits - 1))) : Vec<T>{};
  });
}

template <class T, class F>
void compare(const KernelArgs& k, F f) {
  auto* out = static_cast<uint8_t*>(k.out);
  auto* a = static_cast<const T*>(k.a);
  auto* b = static_cast<const T*>(k.b);
  const ptrdiff_t step_a = k.splat & 1 ? 0 : kLanes<T>, step_b = k.splat & 2 ? 0 : kLanes<T>;
  int64_t i = 0;
  for (; i + kLanes<T> <= k.n; i += kLanes<T>, a += step_a, b += step_b) {
    Bytes<T> bytes = to_bytes<T>(f(load(a), load(b)));
    __builtin_memcpy(out + i, &bytes, sizeof bytes);
  }
  if (i == k.n) return;
  int rest = static_cast<int>(k.n - i);
  Bytes<T> bytes = to_bytes<T>(f(step_a ? load_part(a, rest) : load(a), step_b ? load_part(b, rest) : load(b)));
  for (int j = 0; j < rest; ++j) out[i + j] = bytes[j];
}
#define LINESHAFT_COMPARE(Name, expression)                                                         \
  template <class T>                                                                                \
  void Name(const KernelArgs& k) {                                                                  \
    compare<T>(k, [](Vec<T> a, Vec<T> b) { return reinterpret_cast<Vec<Signed<T>>>(expression); }); \
  }
LINESHAFT_COMPARE(eq, a == b)
LINESHAFT_COMPARE(ne, a != b)
LINESHAFT_COMPARE(lt, a < b)
LINESHAFT_COMPARE(le, a <= b)

template <class T>
void select(const KernelArgs& k) {
  auto* out = static_cast<T*>(k.out);
  auto* a = static_cast<const uint8_t*>(k.a);
  auto* b = static_cast<const T*>(k.b);
  auto* c = static_cast<const T*>(k.c);
  constexpr int L = kLanes<T>;
  const ptrdiff_t step_a = k.splat & 1 ? 0 : L, step_b = k.splat & 2 ? 0 : L, step_c = k.splat & 4 ? 0 : L;
  int64_t i = 0;
  for (; i + L <= k.n; i += L, a += step_a, b += step_b, c += step_c)
    store(out + i, to_mask<T>(load_bytes<T>(a)) ? load(b) : load(c));
  for (; i < k.n; ++i, a += step_a != 0, b += step_b != 0, c += step_c != 0) out[i] = *a ? *b : *c;
}

Vec<uint64_t> multiply_low(Vec<uint64_t> a, uint32_t factor) {
#if LINESHAFT_ISA_LEVEL == 2
  return as<Vec<uint64_t>>(_mm512_mul_epu32(as<__m512i>(a), _mm512_set1_epi64(factor)));
#elif LINESHAFT_ISA_LEVEL == 1
  return as<Vec<uint64_t>>(_mm256_mul_epu32(as<__m256i>(a), _mm256_set1_epi64x(factor)));
#elif defined(__SSE2__)
  return as<Vec<uint64_t>>(_mm_mul_epu32(as<__m128i>(a), _mm_set1_epi64x(factor)));
#else
  return (a & 0xffffffffu) * factor;
#endif
}

// Each 64-bit lane holds a word of the state of one element in its low half; high halves are don't-care until the end.
Vec<uint64_t> philox_block(Vec<uint64_t> key, Vec<uint64_t> counter, int word) {
  constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  Vec<uint64_t> c0 = counter, c1 = counter >> 32, c2{}, c3{};
  Vec<uint64_t> k0 = key & 0xffffffffu, k1 = key >> 32;
  for (int round = 0; round < 10; ++round) {
    Vec<uint64_t> p0 = multiply_low(c0, kMultiplier0), p1 = multiply_low(c2, kMultiplier1);
    c0 = (p1 >> 32) ^ c1 ^ k0;
    c2 = (p0 >> 32) ^ c3 ^ k1;
    c1 = p1;
    c3 = p0;
    c1 &= 0xffffffffu;
    c3 &= 0xffffffffu;
    k0 = (k0 + kWeyl0) & 0xffffffffu;
    k1 = (k1 + kWeyl1) & 0xffffffffu;
  }
  return word == 0 ? c0 : word == 1 ? c1 : word == 2 ? c2 : c3;
}

void philox(const KernelArgs& k) {
  auto* out = static_cast<int32_t*>(k.out);
  auto* a = static_cast<const uint64_t*>(k.a);
  auto* b = static_cast<const uint64_t*>(k.b);
  constexpr int L = kLanes<uint64_t>;
  typedef int32_t Half __attribute__((vector_size(L * 4)));
  const ptrdiff_t step_a = k.splat & 1 ? 0 : L, step_b = k.splat & 2 ? 0 : L;
  for (int64_t i = 0; i < k.n; i += L, a += step_a, b += step_b) {
    int rest = k.n - i < L ? static_cast<int>(k.n - i) : L;
    bool whole = rest == L;
    Vec<uint64_t> word = philox_block(step_a && !whole ? load_part(a, rest) : load(a),
                                      step_b && !whole ? load_part(b, rest) : load(b), k.imm);
    Half half = __builtin_convertvector(word, Half);
    if (whole) {
      __builtin_memcpy(out + i, &half, sizeof half);
    } else {
      for (int j = 0; j < rest; ++j) out[i + j] = half[j];
    }
  }
}

template <class T>
void fill_number(Kernels& table, int type) {
  auto set = [&](Opcode opcode, Kernel kernel) { table.op[static_cast<int>(opcode)][type] = kernel; };
  set(Opcode::kNeg, neg<T>);
  set(Opcode::kAbs, abs<T>);
  set(Opcode::kSign, sign<T>);
  set(Opcode::kAdd, add<T>);
  set(Opcode::kSub, sub<T>);
  set(Opcode::kMul, mul<T>);
  set(Opcode::kMin, min<T>);
  set(Opcode::kMax, max<T>);
}

template <class T>
void fill_float(Kernels& table, int type) {
  auto set = [&](Opcode opcode, Kernel kernel) { table.op[static_cast<int>(opcode)][type] = kernel; };
  fill_number<T>(table, type);
  set(Opcode::kDiv, div_float<T>);
  set(Opcode::kFloor, floor<T>);
  set(Opcode::kCeil, ceil<T>);
  set(Opcode::kTrunc, trunc<T>);
  set(Opcode::kRound, round<T>);
  set(Opcode::kSqrt, sqrt<T>);
  set(Opcode::kRsqrt, rsqrt<T>);
  set(Opcode::kCopysign, copysign<T>);
}

template <class T>
void fill_int(Kernels& table, int type) {
  auto set = [&](Opcode opcode, Kernel kernel) { table.op[static_cast<int>(opcode)][type] = kernel; };
  fill_number<T>(table, type);
  set(Opcode::kDiv, div_int<T>);
  set(Opcode::kRem, rem_int<T>);
  set(Opcode::kPow, pow_int<T>);
  set(Opcode::kNot, bit_not<T>);
  set(Opcode::kShl, shl<T>);
  set(Opcode::kShr, shr<T>);
  set(Opcode::kShrLogical, shr_logical<T>);
}

template <class T>
void fill_bits(Kernels& table, int type) {
  auto set = [&](Opcode opcode, Kernel kernel) { table.op[static_cast<int>(opcode)][type] = kernel; };
  set(Opcode::kAnd, bit_and<T>);
  set(Opcode::kOr, bit_or<T>);
  set(Opcode::kXor, bit_xor<T>);
}

template <class T>
void fill_any(Kernels& table, int type) {
  auto set = [&](Opcode opcode, Kernel kernel) { table.op[static_cast<int>(opcode)][type] = kernel; };
  set(Opcode::kEq, eq<T>);
  set(Opcode::kNe, ne<T>);
  set(Opcode::kLt, lt<T>);
  set(Opcode::kLe, le<T>);
  set(Opcode::kSelect, select<T>);
}

}  // namespace

void LINESHAFT_ISA::fill_arithmetic(Kernels& table) {
  fill_float<double>(table, 0);
  fill_float<float>(table, 1);
  fill_int<int64_t>(table, 2);
  fill_int<int32_t>(table, 3);
  fill_bits<int64_t>(table, 2);
  fill_bits<int32_t>(table, 3);
  fill_bits<uint8_t>(table, 4);
  fill_any<double>(table, 0);
  fill_any<float>(table, 1);
  fill_any<int64_t>(table, 2);
  fill_any<int32_t>(table, 3);
  fill_any<uint8_t>(table, 4);
  table.op[static_cast<int>(Opcode::kNot)][4] = bool_not<uint8_t>;
  table.op[static_cast<int>(Opcode::kPhilox)][2] = philox;
}

}  // namespace lineshaft::cpu
