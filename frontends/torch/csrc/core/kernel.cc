#include "csrc/core/kernel.h"

#include <deque>
#include <mutex>

namespace lineshaft::frontend {

const char* operator_label(const char* name) {
  static std::mutex mutex;
  static auto* texts = new std::deque<std::string>;
  std::lock_guard lock(mutex);
  return texts->emplace_back(concat("aten::", name)).c_str();
}

}  // namespace lineshaft::frontend
