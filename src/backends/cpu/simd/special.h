// Functions that the C library lacks, or has only with global state.
#pragma once

namespace lineshaft::cpu {

double scalar_lgamma(double x);
float scalar_lgamma(float x);
// The logarithmic derivative of gamma: at 0 an infinity of the opposite sign, NaN at negative integers.
double scalar_digamma(double x);
float scalar_digamma(float x);
// The inverse of erf: infinities at -1 and 1, NaN outside.
double scalar_erfinv(double x);
float scalar_erfinv(float x);

}  // namespace lineshaft::cpu
