// The names of a framework's operators, which commands carry for errors, profiles and traces.
#pragma once

#include <string>

#include "lineshaft/base/export.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// While it lives, commands of this thread carry the operator's name. The outermost scope wins: its operator is the one
// that the user called. `name` lives for ever.
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

// The text as one that lives for ever.
LINESHAFT_EXPORT const char* operator_label(std::string text);

}  // namespace lineshaft::frontend
