// Division of sizes that rounds up. Neither operand is negative, and the second is not 0. Always inlined: files that
// are compiled for one instruction set call it, and the linker would keep one of their copies for all.
#pragma once

#include <concepts>
#include <type_traits>

namespace lineshaft {

// How many parts of `by` hold `value`.
template <std::integral Value, std::integral By>
[[gnu::always_inline]] constexpr std::common_type_t<Value, By> divide_up(Value value, By by) {
  using Common = std::common_type_t<Value, By>;
  return (static_cast<Common>(value) + static_cast<Common>(by) - 1) / static_cast<Common>(by);
}

// The least multiple of `step` that is not below `value`.
template <std::integral Value, std::integral Step>
[[gnu::always_inline]] constexpr std::common_type_t<Value, Step> round_up(Value value, Step step) {
  return divide_up(value, step) * static_cast<std::common_type_t<Value, Step>>(step);
}

}  // namespace lineshaft
