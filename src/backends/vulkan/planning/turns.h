// The number of loop iterations ("turns") of kernels. llvmpipe counts the iterations of all loops of an invocation
// together, and silently ends all loops after 65,535. So each dispatch states the most iterations of its kernel, and is
// refused where they exceed the device's limit.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace lineshaft::vulkan {

// The most iterations that one invocation of a kernel makes, in all its loops together. The invocations of a subgroup
// run together: each loop has as many iterations as the invocation with the most needs, even in a branch that no
// invocation takes.
struct Turns {
  static constexpr int64_t kMost = int64_t{1} << 50;
  explicit constexpr Turns(int64_t most) : count(std::min(most, kMost)) {}
  int64_t count;
};
// For a kernel without loops, except loops marked [[unroll]].
inline constexpr Turns kNoLoops{0};

constexpr Turns operator+(Turns a, Turns b) {
  return Turns(a.count + b.count);
}
constexpr bool operator<=(Turns a, Turns b) {
  return a.count <= b.count;
}
// A loop of at most `count` iterations, each with `inside` iterations of inner loops. The last check of the condition
// counts as an iteration, too.
constexpr Turns loop(int64_t count, Turns inside = kNoLoops) {
  if (count <= 0) return Turns(1);
  return inside.count + 1 > Turns::kMost / count ? Turns(Turns::kMost) : Turns(count * (inside.count + 1) + 1);
}
// The largest count, at least 1, for which a loop with `inside` stays within `limit`, where the rest of the kernel
// needs `beside`.
constexpr int64_t longest_loop(Turns limit, Turns inside = kNoLoops, Turns beside = kNoLoops) {
  return std::max<int64_t>((limit.count - beside.count - 1) / (inside.count + 1), 1);
}

// For the library's sine, cosine and tangent: reduce_large in shaders/library/math.glsl.
inline constexpr Turns kSineTurns = loop(8) + loop(6, loop(2)) + loop(4);

// A part of three nested loops: the iterations from `first` to before `end`, as push constants (ivec4).
struct LoopPart {
  std::array<int32_t, 4> first{}, end{};
  Turns turns = kNoLoops;
};
// Splits nested loops of these sizes (31 bits; at least 1), outermost first, into parts of at most `limit` iterations.
// The parts follow each other in the order of the loops.
std::vector<LoopPart> loop_parts(std::array<int64_t, 3> sizes, Turns limit);

}  // namespace lineshaft::vulkan
