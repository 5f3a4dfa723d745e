#include "lineshaft/frontend/operator_scope.h"

#include <deque>
#include <mutex>
#include <utility>

namespace lineshaft::frontend {

const char* operator_label(std::string text) {
  static std::mutex mutex;
  static auto* texts = new std::deque<std::string>;
  std::lock_guard lock(mutex);
  return texts->emplace_back(std::move(text)).c_str();
}

}  // namespace lineshaft::frontend
