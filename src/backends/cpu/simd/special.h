// Functions that the C library does not have, or has only with global state.
#pragma once

namespace lineshaft::cpu {

double scalar_lgamma(double x);
float scalar_lgamma(float x);
// The logarithmic derivative of the gamma function. At 0 it is an infinity with the sign opposite to that of x; at
// negative integers it is NaN.
double scalar_digamma(double x);
float scalar_digamma(float x);
// The inverse of erf: infinities at -1 and 1, NaN outside.
double scalar_erfinv(double x);
float scalar_erfinv(float x);

}  // namespace lineshaft::cpu
