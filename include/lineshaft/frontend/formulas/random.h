// Random numbers as expressions and programs over Philox (program/philox.h), so that they fuse and are the same on
// every device for the same seed.
//
// A program takes a generator's seed and counter (frontend/generator.h) as its first two arguments, both i64, and
// element i uses the one counter `counter` + i, in row-major order. So a call reserves as many counters as there are
// elements. What follows seed and counter is said at each program, and a function ending in _arguments gives them all.
#pragma once

#include <array>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/generator.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// A number in [0, 1): 24 random bits as f32, or, where `compute` is f64, 53 as f64. f32 uses word `word` (0 to 3) of
// the counter; f64 uses that word and the next one.
LINESHAFT_EXPORT Expr unit_uniform(Expr seed, Expr counter, int word, DType compute);
// A number of the normal distribution with mean 0 and standard deviation 1, of type `compute`, f32 or f64 (Box and
// Muller, 1958).
LINESHAFT_EXPORT Expr standard_normal(Expr seed, Expr counter, DType compute);

// The arguments of a program that takes a seed and a counter alone.
LINESHAFT_EXPORT std::array<Scalar, 2> draw_arguments(Draw draw);

// The distributions of random_program, and the meaning of its arguments a and b.
enum class Distribution : uint8_t {
  kUniform,      // in [a, b)
  kNormal,       // with mean a and standard deviation b
  kLogNormal,    // exp(x) for x of kNormal
  kExponential,  // with rate a; never 0
  kCauchy,       // with median a and scale b
  kGeometric,  // the number of tries up to the first success, at least 1; a try succeeds with probability a, 0 < a < 1
  kBernoulli,  // 1 with probability a, else 0
};
// No inputs. Arguments: seed, counter; a and b, f64 where `type` is f64, else f32. Output: `type`, any dtype; for
// kUniform a float dtype. Distributions without b ignore it.
LINESHAFT_EXPORT ProgramRef random_program(Distribution distribution, DType type);
LINESHAFT_EXPORT std::array<Scalar, 4> random_arguments(Draw draw, double a, double b);

// For each element 1 with the element's own probability, else 0. Input: the probability, of the floating dtype
// `probability`. Arguments: seed, counter. Output: `type`, any dtype.
LINESHAFT_EXPORT ProgramRef bernoulli_program(DType probability, DType type);

// Random integers least, ..., least + range - 1, where a range of 0 means 2^64. The probability of each differs from 1
// / range by less than 2^-63. No inputs. Arguments: seed, counter, least, range, all i64. Output: `type`, any dtype.
// All ranges below 2^63 have the same program, and all others have a second one.
LINESHAFT_EXPORT ProgramRef random_integers_program(DType type, uint64_t range);
LINESHAFT_EXPORT std::array<Scalar, 4> random_integers_arguments(Draw draw, int64_t least, uint64_t range);

// 64 random bits, as keys: sorting them gives a random permutation. No inputs. Arguments: seed, counter. Output: i64.
LINESHAFT_EXPORT ProgramRef random_keys_program();

// Sets elements to 0 with a probability, and multiplies the others. Input: x, of the floating dtype `type`. Arguments:
// seed, counter, the probability (f32), the factor of elements that are kept (compute_type(type)). Outputs: the result,
// of `type`, and whether the element is kept, bool.
LINESHAFT_EXPORT ProgramRef dropout_program(DType type);
// With dropout_scale(probability) for the factor.
LINESHAFT_EXPORT std::array<Scalar, 4> dropout_arguments(Draw draw, double probability);
// The factor for elements that are kept: 1 / (1 - probability), which preserves the mean; 0 for probability 1.
LINESHAFT_EXPORT double dropout_scale(double probability);
// The gradient of dropout. `kept` is 1 or 0 in the gradient's type; `scale` is the factor of elements that are kept.
LINESHAFT_EXPORT Expr dropout_grad(Expr grad, Expr kept, Expr scale);

// Randomized leaky ReLU: an element above 0 stays, others are multiplied by a slope from [low, high). Input: x, of the
// floating dtype `type`. Arguments: seed, counter, low, high of compute_type(type). Outputs: the result, of `type`; the
// factor of the element, of the floating dtype `slope`.
LINESHAFT_EXPORT ProgramRef rrelu_program(DType type, DType slope);
LINESHAFT_EXPORT std::array<Scalar, 4> rrelu_arguments(Draw draw, double low, double high);

// Whether x is at least 0, whether x is in 0..1, and whether x is at least 0 and less than `infinity`, an operand whose
// value is that. x is a float; the results are bool, and false for NaN.
LINESHAFT_EXPORT Expr is_not_negative(Expr x);
LINESHAFT_EXPORT Expr is_probability(Expr x);
LINESHAFT_EXPORT Expr is_weight(Expr x, Expr infinity);

}  // namespace lineshaft::frontend::formulas
