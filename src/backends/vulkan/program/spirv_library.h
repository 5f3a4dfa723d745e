// Functions written in GLSL (shaders/library/), compiled when Lineshaft is built, and linked into modules that are
// assembled at run time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "backends/vulkan/program/spirv.h"

namespace lineshaft::vulkan {

// A parsed module of functions. Immutable; shared by all threads.
class SpirvLibrary {
 public:
  explicit SpirvLibrary(std::span<const uint32_t> words);
  struct Span {
    uint32_t begin = 0, end = 0;  // words
  };
  std::span<const uint32_t> words;
  std::unordered_map<SpirvId, Span> globals;       // by result
  std::unordered_map<SpirvId, Span> functions;     // by result
  std::unordered_map<std::string, SpirvId> names;  // functions by name, without their parameters
  std::vector<spv::Capability> capabilities;
  SpirvId glsl = 0;
};

// Links functions of one library into one module, each once.
class SpirvLinker {
 public:
  SpirvLinker(SpirvModule& module, const SpirvLibrary& library) : module_(module), library_(library) {}
  bool has(const std::string& name) const { return library_.names.contains(name); }
  // The function's id in the module. Throws Error(kInternal) for an unknown name.
  SpirvId function(const std::string& name);

 private:
  SpirvId translate(SpirvId old);
  void copy_body(SpirvLibrary::Span body);

  SpirvModule& module_;
  const SpirvLibrary& library_;
  std::unordered_map<SpirvId, SpirvId> renamed_;
  std::vector<SpirvId> queue_;
  bool declared_ = false;
};

}  // namespace lineshaft::vulkan
