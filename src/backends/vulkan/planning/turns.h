// How often the loops of a kernel turn. llvmpipe counts the turns of all loops that an invocation runs through,
// together, and ends them all without a word once there have been 65,535. So each kernel states its most where it is
// dispatched, and what passes the device's limit is refused there.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace lineshaft::vulkan {

// The most turns that one invocation of a kernel makes, in all its loops together. An invocation runs beside others of
// its subgroup: each loop turns as often as the longest of them needs, also where it lies in a branch that none of them
// takes.
struct Turns {
  static constexpr int64_t kMost = int64_t{1} << 50;
  explicit constexpr Turns(int64_t most) : count(std::min(most, kMost)) {}
  int64_t count;
};
// The kernel has no loops but those marked [[unroll]].
inline constexpr Turns kNoLoops{0};

constexpr Turns operator+(Turns a, Turns b) {
  return Turns(a.count + b.count);
}
constexpr bool operator<=(Turns a, Turns b) {
  return a.count <= b.count;
}
// A loop of at most `count` turns with `inside` in each: the turn that finds the end counts too.
constexpr Turns loop(int64_t count, Turns inside = kNoLoops) {
  if (count <= 0) return Turns(1);
  return inside.count + 1 > Turns::kMost / count ? Turns(Turns::kMost) : Turns(count * (inside.count + 1) + 1);
}
// The longest loop with `inside` in it that fits `limit`, of which the rest of the kernel takes `beside`: at least 1.
constexpr int64_t longest_loop(Turns limit, Turns inside = kNoLoops, Turns beside = kNoLoops) {
  return std::max<int64_t>((limit.count - beside.count - 1) / (inside.count + 1), 1);
}

// Of the library's sine, cosine and tangent: reduce_large in shaders/library/math.glsl.
inline constexpr Turns kSineTurns = loop(8) + loop(6, loop(2)) + loop(4);

// A part of three nested loops: the turns from `first` on, before `end`, as kernels are pushed them (ivec4).
struct LoopPart {
  std::array<int32_t, 4> first{}, end{};
  Turns turns = kNoLoops;
};
// Nested loops of these sizes (31 bits; at least 1), outermost first, in parts of at most `limit` turns that follow
// each other in the loops' order.
std::vector<LoopPart> loop_parts(std::array<int64_t, 3> sizes, Turns limit);

}  // namespace lineshaft::vulkan
