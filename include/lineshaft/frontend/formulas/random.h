// Random numbers as expressions and programs over Philox (program/philox.h), so that they fuse and are the same on
// every device for the same seed.
//
// A program takes a generator's seed and counter (frontend/generator.h) as its first two arguments, both i64, and
// element i uses the one counter `counter` + i, in row-major order. So a call reserves as many counters as there are
// elements.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// A number in [0, 1): 24 random bits as f32, or, where `compute` is f64, 53 as f64. f32 takes word `word` (0 to 3) of
// the counter; f64 takes that and the next one.
LINESHAFT_EXPORT Expr unit_uniform(Expr seed, Expr counter, int word, DType compute);
// A number of the normal distribution of mean 0 and deviation 1, of type `compute`: f32 or f64 (Box and Muller, 1958).
LINESHAFT_EXPORT Expr standard_normal(Expr seed, Expr counter, DType compute);

// The distributions of random_program, and what its arguments a and b are in them.
enum class Distribution : uint8_t {
  kUniform,      // in [a, b)
  kNormal,       // of mean a and deviation b
  kLogNormal,    // exp of such a number
  kExponential,  // of rate a; never 0
  kCauchy,       // of median a and half width b at half the height
  kGeometric,    // tries up to the first success, 1 at least, where one succeeds with probability a; 0 < a < 1
  kBernoulli,    // 1 with probability a, else 0
};
// No inputs. Arguments: seed, counter; a, b of f64 where `type` is f64, else of f32. Output: `type`, any dtype, but for
// kUniform a float. Distributions that have no b ignore it.
LINESHAFT_EXPORT ProgramRef random_program(Distribution distribution, DType type);

// 1 with a probability of its own for each element, else 0. Input: the probability, of the floating dtype
// `probability`. Arguments: seed, counter. Output: `type`, any dtype.
LINESHAFT_EXPORT ProgramRef bernoulli_program(DType probability, DType type);

// Integers from a range of `range` of them; 0 stands for 2^64. Each has a probability that differs from 1 / range by
// less than 2^-63. No inputs. Arguments: seed, counter, the least integer, `range`, all i64. Output: `type`, any dtype.
// The program is one for all ranges below 2^63, and another one for all others.
LINESHAFT_EXPORT ProgramRef random_integers_program(DType type, uint64_t range);

// 64 random bits: keys whose order is a random permutation. No inputs. Arguments: seed, counter. Output: i64.
LINESHAFT_EXPORT ProgramRef random_keys_program();

// Sets elements to 0 with a probability, and multiplies the others. Input: x, of the floating dtype `type`. Arguments:
// seed, counter, the probability as f32, the factor of what is kept as compute_type(type). Outputs: the result, of
// `type`, and whether the element is kept, bool.
LINESHAFT_EXPORT ProgramRef dropout_program(DType type);
// The factor that keeps the mean: 1 / (1 - probability); 0 where nothing is kept.
LINESHAFT_EXPORT double dropout_scale(double probability);
// `kept` is 1 or 0 in the gradient's type, `scale` the factor of what is kept.
LINESHAFT_EXPORT Expr dropout_grad(Expr grad, Expr kept, Expr scale);

// Randomized leaky ReLU: an element above 0 stays, others are multiplied by a slope from [low, high). Input: x, of the
// floating dtype `type`. Arguments: seed, counter, low, high of compute_type(type). Outputs: the result, of `type`, and
// what the element is multiplied by, of the floating dtype `slope`.
LINESHAFT_EXPORT ProgramRef rrelu_program(DType type, DType slope);

// Whether x is in 0..1, and whether x is at least 0 and less than `infinity`, an operand whose value is that. x is a
// float; the results are bool, and false for NaN.
LINESHAFT_EXPORT Expr is_probability(Expr x);
LINESHAFT_EXPORT Expr is_weight(Expr x, Expr infinity);

}  // namespace lineshaft::frontend::formulas
