// For tests: an environment variable for a scope.
#pragma once

#include <optional>
#include <string>

#include "platform/environment.h"

namespace lineshaft {

class ScopedVariable {
 public:
  // nullptr unsets it.
  ScopedVariable(const char* name, const char* value) : name_(name), before_(environment(name)) { set(value); }
  ~ScopedVariable() { set(before_ ? before_->c_str() : nullptr); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void set(const char* value) const {
    if (value)
      set_environment(name_.c_str(), value);
    else
      unset_environment(name_.c_str());
  }

  std::string name_;
  std::optional<std::string> before_;
};

}  // namespace lineshaft
