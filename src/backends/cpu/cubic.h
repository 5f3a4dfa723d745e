// Cubic convolution (Keys, 1981) and its derivative.
#pragma once

#include <array>

namespace lineshaft::cpu {

// The kernel at distance `x` in 0..1 and in 1..2.
template <class P>
P cubic_near(P x, P a) {
  return ((a + 2) * x - (a + 3)) * x * x + 1;
}
template <class P>
P cubic_far(P x, P a) {
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

// The weights of the neighbours at -1, 0, 1 and 2 for a position `t` in 0..1, and (cubic_slopes) their derivatives by
// t.
template <class P>
std::array<P, 4> cubic_weights(P t) {
  constexpr P a = P(-0.75);
  return {cubic_far(t + 1, a), cubic_near(t, a), cubic_near(1 - t, a), cubic_far((1 - t) + 1, a)};
}
template <class P>
std::array<P, 4> cubic_slopes(P t) {
  constexpr P a = P(-0.75);
  auto near = [](P x) { return (3 * (a + 2) * x - 2 * (a + 3)) * x; };
  auto far = [](P x) { return (3 * a * x - 10 * a) * x + 8 * a; };
  return {far(t + 1), near(t), -near(1 - t), -far((1 - t) + 1)};
}

}  // namespace lineshaft::cpu
