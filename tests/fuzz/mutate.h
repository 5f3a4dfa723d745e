// Mutations that know what a list is: a random change of bytes seldom gets past the first check.
#pragma once

#include <random>

#include "commands/codec.h"

namespace lineshaft::fuzz {

using Random = std::minstd_rand;

// Changes one thing: a field of an operation, a size in all of an operation's views, a stride, a buffer, a program, the
// order of commands.
void mutate(CommandList& list, Random& random);

// libFuzzer's custom mutator for a session's bytes: frames, and the lists in them.
size_t mutate_session(uint8_t* data, size_t size, size_t limit, unsigned seed);

// The shared memory of the sessions that are fuzzed.
inline constexpr size_t kWindow = 1 << 16;

}  // namespace lineshaft::fuzz
