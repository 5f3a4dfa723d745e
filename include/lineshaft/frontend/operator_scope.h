// The names of a framework's operators. Commands carry them for errors, profiles and traces.
#pragma once

#include <string>

#include "lineshaft/base/export.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// While it lives, commands that this thread records carry the operator's name. Of nested scopes the outermost counts:
// its operator is the one that the user called. `name` must never be freed.
class OperatorScope {
 public:
  explicit OperatorScope(const char* name) : outermost_(!Stream::current_label()) {
    if (outermost_) Stream::current_label() = name;
  }
  ~OperatorScope() {
    if (outermost_) Stream::current_label() = nullptr;
  }
  bool outermost() const { return outermost_; }
  OperatorScope(const OperatorScope&) = delete;
  OperatorScope& operator=(const OperatorScope&) = delete;

 private:
  bool outermost_;
};

// A copy of the text that is never freed. Each call makes a new one, so call it once for each operator. Thread-safe.
LINESHAFT_EXPORT const char* operator_label(std::string text);

}  // namespace lineshaft::frontend
