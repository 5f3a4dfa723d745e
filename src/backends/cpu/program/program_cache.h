// Programs that an operation builds for itself, one for each combination of dtypes and options, built once a thread.
#pragma once

#include <initializer_list>
#include <string>
#include <unordered_map>

#include "program/expression.h"
#include "tensor/tensor_view.h"

namespace lineshaft::cpu {

class ProgramCache {
 public:
  // `key`: what the program depends on. `build(ProgramBuilder&)` adds inputs and outputs.
  template <class Build>
  ProgramRef get(std::initializer_list<int> key, Build&& build) {
    std::string text(reinterpret_cast<const char*>(key.begin()), key.size() * sizeof(int));
    if (auto known = programs_.find(text); known != programs_.end()) return known->second;
    ProgramBuilder builder;
    build(builder);
    return programs_.emplace(std::move(text), builder.finish()).first->second;
  }

 private:
  std::unordered_map<std::string, ProgramRef> programs_;
};

// A dtype, or -1 for an absent view.
inline int key_of(const TensorView& view) {
  return view ? static_cast<int>(view.dtype) : -1;
}

}  // namespace lineshaft::cpu
