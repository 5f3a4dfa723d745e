#include "csrc/core/kernel.h"

#include <deque>
#include <mutex>

#include "csrc/core/devices.h"

namespace lineshaft::frontend {

const char* operator_label(const char* name) {
  static std::mutex mutex;
  static auto* texts = new std::deque<std::string>;
  std::lock_guard lock(mutex);
  return texts->emplace_back(concat("aten::", name)).c_str();
}

void name_place(c10::Error& error, const char* label, c10::DeviceIndex device) {
  error.add_context(concat(label, " on lineshaft:", int{index_or_current(device)}));
}

}  // namespace lineshaft::frontend
