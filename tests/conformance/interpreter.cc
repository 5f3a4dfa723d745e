#include "conformance/interpreter.h"

#include <bit>
#include <cmath>

#include "lineshaft/base/error.h"

namespace lineshaft::conformance {
namespace {

struct Operands {
  DType type;  // of the first operand
  Number a, b, c;
};

int64_t wrap(uint64_t value, DType type) {
  return type == DType::kI32 ? static_cast<int32_t>(value) : static_cast<int64_t>(value);
}

int64_t integer_power(int64_t base, int64_t exponent, DType type) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  uint64_t result = 1, factor = static_cast<uint64_t>(base);
  for (auto e = static_cast<uint64_t>(exponent); e; e >>= 1, factor *= factor)
    if (e & 1) result *= factor;
  return wrap(result, type);
}

int64_t integer(Opcode opcode, DType type, int64_t a, int64_t b) {
  auto x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  int bits = 8 * size_of(type);
  bool inside = b >= 0 && b < bits;
  switch (opcode) {
    case Opcode::kNeg:
      return wrap(0 - x, type);
    case Opcode::kAbs:
      return wrap(a < 0 ? 0 - x : x, type);
    case Opcode::kSign:
      return (a > 0) - (a < 0);
    case Opcode::kAdd:
      return wrap(x + y, type);
    case Opcode::kSub:
      return wrap(x - y, type);
    case Opcode::kMul:
      return wrap(x * y, type);
    case Opcode::kDiv:
      return b == 0 ? 0 : b == -1 ? wrap(0 - x, type) : a / b;
    case Opcode::kRem:
      return b == 0 || b == -1 ? 0 : a % b;
    case Opcode::kMin:
      return std::min(a, b);
    case Opcode::kMax:
      return std::max(a, b);
    case Opcode::kPow:
      return integer_power(a, b, type);
    case Opcode::kNot:
      return wrap(~x, type);
    case Opcode::kAnd:
      return wrap(x & y, type);
    case Opcode::kOr:
      return wrap(x | y, type);
    case Opcode::kXor:
      return wrap(x ^ y, type);
    case Opcode::kShl:
      return inside ? wrap(x << b, type) : 0;
    case Opcode::kShr:
      return inside ? a >> b : (a < 0 ? -1 : 0);
    case Opcode::kShrLogical:
      if (!inside) return 0;
      return wrap((type == DType::kI32 ? x & 0xffffffffu : x) >> b, type);
    default:
      fail(ErrorCode::kInternal, "opcode ", info_of(opcode).name, " takes no integers");
  }
}

Number digamma(Number x) {
  if (x == 0) return std::copysign(static_cast<Number>(INFINITY), -x);
  if (x < 0 && x == std::floor(x)) return NAN;
  if (x < 0) return digamma(1 - x) - M_PIl / std::tan(M_PIl * (x - std::floor(x)));
  Number result = 0;
  for (; x < 20; x += 1) result -= 1 / x;
  Number inverse = 1 / (x * x);
  return result + std::log(x) - 0.5L / x -
         inverse *
             (1.0L / 12 - inverse * (1.0L / 120 - inverse * (1.0L / 252 - inverse * (1.0L / 240 - inverse / 132))));
}

Number inverse_erf(Number y) {
  if (std::isnan(y) || std::abs(y) > 1) return NAN;
  if (std::abs(y) == 1) return std::copysign(static_cast<Number>(INFINITY), y);
  Number low = -10, high = 10;
  bool negative = y < 0;
  y = std::abs(y);
  low = 0;
  for (int i = 0; i < 200; ++i) {  // by the complement, which keeps precision near 1
    Number middle = (low + high) / 2;
    (std::erfc(middle) > 1 - y ? low : high) = middle;
  }
  return negative ? -low : low;
}

Number next_after(Number a, Number b, DType type) {
  return type == DType::kF32 ? Number{std::nextafter(static_cast<float>(a), static_cast<float>(b))}
                             : Number{std::nextafter(static_cast<double>(a), static_cast<double>(b))};
}

// The operations that are rounded once, on f64: extended precision would round twice.
double exact_f64(Opcode opcode, double a, double b) {
  switch (opcode) {
    case Opcode::kAdd:
      return a + b;
    case Opcode::kSub:
      return a - b;
    case Opcode::kMul:
      return a * b;
    case Opcode::kDiv:
      return a / b;
    case Opcode::kRsqrt:
      return 1 / std::sqrt(a);
    default:
      return std::sqrt(a);
  }
}

bool is_rounded_once(Opcode opcode) {
  return opcode == Opcode::kAdd || opcode == Opcode::kSub || opcode == Opcode::kMul || opcode == Opcode::kDiv ||
         opcode == Opcode::kSqrt || opcode == Opcode::kRsqrt;
}

// Before rounding to the compute type.
Number floating(Opcode opcode, const Operands& o) {
  Number a = o.a, b = o.b;
  if (o.type == DType::kF64 && is_rounded_once(opcode))
    return exact_f64(opcode, static_cast<double>(a), static_cast<double>(b));
  switch (opcode) {
    case Opcode::kNeg:
      return -a;
    case Opcode::kAbs:
      return std::abs(a);
    case Opcode::kSign:
      return std::isnan(a) ? a : Number((a > 0) - (a < 0));
    case Opcode::kAdd:
      return a + b;
    case Opcode::kSub:
      return a - b;
    case Opcode::kMul:
      return a * b;
    case Opcode::kDiv:
      return a / b;
    case Opcode::kRem:
      return std::fmod(a, b);
    case Opcode::kMin:
      return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b);
    case Opcode::kMax:
      return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
    case Opcode::kPow:
      return std::pow(a, b);
    case Opcode::kFloor:
      return std::floor(a);
    case Opcode::kCeil:
      return std::ceil(a);
    case Opcode::kTrunc:
      return std::trunc(a);
    case Opcode::kRound:
      return std::nearbyint(a);
    case Opcode::kSqrt:
      return std::sqrt(a);
    case Opcode::kRsqrt:
      return 1 / stored(std::sqrt(a), o.type);
    case Opcode::kExp:
      return std::exp(a);
    case Opcode::kExp2:
      return std::exp2(a);
    case Opcode::kExpm1:
      return std::expm1(a);
    case Opcode::kLog:
      return std::log(a);
    case Opcode::kLog2:
      return std::log2(a);
    case Opcode::kLog10:
      return std::log10(a);
    case Opcode::kLog1p:
      return std::log1p(a);
    case Opcode::kSin:
      return std::sin(a);
    case Opcode::kCos:
      return std::cos(a);
    case Opcode::kTan:
      return std::tan(a);
    case Opcode::kAsin:
      return std::asin(a);
    case Opcode::kAcos:
      return std::acos(a);
    case Opcode::kAtan:
      return std::atan(a);
    case Opcode::kSinh:
      return std::sinh(a);
    case Opcode::kCosh:
      return std::cosh(a);
    case Opcode::kTanh:
      return std::tanh(a);
    case Opcode::kAsinh:
      return std::asinh(a);
    case Opcode::kAcosh:
      return std::acosh(a);
    case Opcode::kAtanh:
      return std::atanh(a);
    case Opcode::kErf:
      return std::erf(a);
    case Opcode::kErfc:
      return std::erfc(a);
    case Opcode::kErfinv:
      return inverse_erf(a);
    case Opcode::kLgamma:
      return std::lgamma(a);
    case Opcode::kDigamma:
      return digamma(a);
    case Opcode::kAtan2:
      return std::atan2(a, b);
    case Opcode::kHypot:
      return std::hypot(a, b);
    case Opcode::kCopysign:
      return std::copysign(a, b);
    case Opcode::kNextafter:
      return next_after(a, b, o.type);
    default:
      fail(ErrorCode::kInternal, "opcode ", info_of(opcode).name, " takes no floats");
  }
}

Number truth(Opcode opcode, bool a, bool b) {
  switch (opcode) {
    case Opcode::kNot:
      return !a;
    case Opcode::kAnd:
      return a && b;
    case Opcode::kOr:
      return a || b;
    case Opcode::kXor:
      return a != b;
    default:
      fail(ErrorCode::kInternal, "opcode ", info_of(opcode).name, " takes no bools");
  }
}

Number cast(Number value, DType from, DType to) {
  if (to == DType::kBool) return value != 0;
  if (is_float(from) && is_int(to)) {
    Number end = to == DType::kI64 ? 0x1p63L : 0x1p31L;
    value = value >= -end && value < end ? std::trunc(value) : -end;
  }
  return stored(value, to);
}

Number bit_cast(Number value, DType to) {
  switch (to) {
    case DType::kI32:
      return std::bit_cast<int32_t>(static_cast<float>(value));
    case DType::kF32:
      return std::bit_cast<float>(static_cast<int32_t>(value));
    case DType::kI64:
      return static_cast<Number>(std::bit_cast<int64_t>(static_cast<double>(value)));
    default:
      return std::bit_cast<double>(static_cast<int64_t>(value));
  }
}

Number scalar(Scalar value, DType type) {
  if (is_float(type)) return stored(value.as_double(), type);
  return type == DType::kBool ? Number(value.as_int() != 0) : stored(static_cast<Number>(value.as_int()), type);
}

Number evaluate(const Instruction& in, const Operands& o, const Program& program, const Element& element,
                std::span<const Scalar> args) {
  switch (in.opcode) {
    case Opcode::kLoad:
      return element.inputs[in.imm];
    case Opcode::kArg:
      return scalar(args[in.imm], in.type);
    case Opcode::kConst:
      return scalar(program.constants[in.imm], in.type);
    case Opcode::kIndex:
      return static_cast<Number>(element.at[in.imm]);
    case Opcode::kLinear:
      return static_cast<Number>(element.linear);
    case Opcode::kCast:
      return cast(o.a, o.type, in.type);
    case Opcode::kNarrow:
      return stored(o.a, static_cast<DType>(in.imm));
    case Opcode::kBitcast:
      return bit_cast(o.a, in.type);
    case Opcode::kSelect:
      return o.a != 0 ? o.b : o.c;
    case Opcode::kPhilox:
      return static_cast<int32_t>(philox(static_cast<uint64_t>(static_cast<int64_t>(o.a)),
                                         static_cast<uint64_t>(static_cast<int64_t>(o.b)), in.imm));
    case Opcode::kEq:
      return o.a == o.b;
    case Opcode::kNe:
      return o.a != o.b;
    case Opcode::kLt:
      return o.a < o.b;
    case Opcode::kLe:
      return o.a <= o.b;
    default:
      break;
  }
  if (o.type == DType::kBool) return truth(in.opcode, o.a != 0, o.b != 0);
  if (is_float(o.type)) return stored(floating(in.opcode, o), in.type);
  return static_cast<Number>(integer(in.opcode, in.type, static_cast<int64_t>(o.a), static_cast<int64_t>(o.b)));
}

}  // namespace

uint32_t philox(uint64_t key, uint64_t counter, int word) {
  uint32_t x[4] = {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), 0, 0};
  auto k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t p = uint64_t{0xD2511F53} * x[0], q = uint64_t{0xCD9E8D57} * x[2];
    uint32_t next[4] = {static_cast<uint32_t>(q >> 32) ^ x[1] ^ k0, static_cast<uint32_t>(q),
                        static_cast<uint32_t>(p >> 32) ^ x[3] ^ k1, static_cast<uint32_t>(p)};
    std::copy(next, next + 4, x);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return x[word];
}

Number uniform(uint64_t key, uint64_t counter) {
  return std::ldexp(Number(philox(key, counter, 0) >> 8), -24);
}

std::vector<Number> interpret(const Program& program, const Element& element, std::span<const Scalar> args) {
  std::vector<Number> values;
  for (const Instruction& in : program.code) {
    int operands = info_of(in.opcode).operands;
    Operands o{in.type, 0, 0, 0};
    if (operands > 0) o.type = program.code[in.a].type, o.a = values[in.a];
    if (operands > 1) o.b = values[in.b];
    if (operands > 2) o.c = values[in.c];
    values.push_back(evaluate(in, o, program, element, args));
  }
  std::vector<Number> results;
  for (size_t k = 0; k < program.results.size(); ++k)
    results.push_back(stored(values[program.results[k]], program.outputs[k]));
  return results;
}

std::vector<Array> interpret(const Program& program, const Shape& shape, std::span<const Array> inputs,
                             std::span<const Scalar> args) {
  std::vector<Array> outputs(program.outputs.size(), Array(shape));
  Element element;
  element.inputs.resize(inputs.size());
  for_each_position(shape, [&](const Shape& at) {
    for (size_t i = 0; i < inputs.size(); ++i) element.inputs[i] = inputs[i].data[element.linear];
    element.at = at;
    auto results = interpret(program, element, args);
    for (size_t k = 0; k < results.size(); ++k) outputs[k].data[element.linear] = results[k];
    ++element.linear;
  });
  return outputs;
}

}  // namespace lineshaft::conformance
