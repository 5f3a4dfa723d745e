// Programs that operations build for themselves: once for each key.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <unordered_map>

#include "program/expression.h"

namespace lineshaft::vulkan {

using ProgramCache = std::unordered_map<uint64_t, ProgramRef>;

// Packs at most 15 dtypes and switches, each 0 to 15, into a key. Others would pass for another key's:
// Error(kInternal).
inline uint64_t program_key(std::initializer_list<int> parts) {
  if (parts.size() > 15) fail(ErrorCode::kInternal, "a program's key has ", parts.size(), " parts; it holds 15");
  uint64_t key = 1;
  for (int part : parts) {
    if (part < 0 || part > 15) fail(ErrorCode::kInternal, "a part of a program's key is ", part, "; parts are 0 to 15");
    key = key << 4 | static_cast<uint64_t>(part);
  }
  return key;
}
inline int key_of(DType type) {
  return static_cast<int>(type);
}

// `build` is called with a builder when the cache has no program of that key.
template <class Build>
ProgramRef cached_program(ProgramCache& cache, uint64_t key, Build&& build) {
  ProgramRef& program = cache[key];
  if (!program) {
    ProgramBuilder builder;
    build(builder);
    program = builder.finish();
  }
  return program;
}

}  // namespace lineshaft::vulkan
