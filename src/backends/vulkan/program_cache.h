// Programs that operations build for themselves: once for each key.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <unordered_map>

#include "program/expression.h"

namespace lineshaft::vulkan {

using ProgramCache = std::unordered_map<uint64_t, ProgramRef>;

// Packs dtypes and switches, each below 16, into a key.
inline uint64_t program_key(std::initializer_list<int> parts) {
  uint64_t key = 1;
  for (int part : parts) key = key << 4 | static_cast<uint64_t>(part);
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
